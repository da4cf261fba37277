import Glibc

/// The known parameters of one request, found in a block of `NAME=value` strings, and the size of the whole block.
///
/// Holds pointers into the block (libfcgi's `envp`, or `environ`): valid as long as that is.
struct ParameterTable {
    /// What libfcgi puts into the block by itself; the peer is not charged for it.
    private static let roleName = "FCGI_ROLE"

    /// The known names, each with its place in `values`, by their length: nearly every other name is told by that alone.
    private static let known: [[(name: [UInt8], index: Int)]] = {
        let names = Parameter.allCases.map { Array($0.rawValue.utf8) }
        return (0...(names.map(\.count).max() ?? 0)).map { length in
            names.enumerated().filter { $1.count == length }.map { (name: $1, index: $0) }
        }
    }()

    /// How many parameters there are, known or not.
    private(set) var count = 0
    /// The bytes of all names and values.
    private(set) var byteCount = 0
    private var values = [UnsafePointer<CChar>?](repeating: nil, count: Parameter.allCases.count)

    /// - Parameter block: pointers to `NAME=value`, the last one nil. Of repeated names the first counts.
    init(block: UnsafePointer<UnsafeMutablePointer<CChar>?>) {
        var next = block
        while let entry = next.pointee {
            add(UnsafePointer(entry))
            next += 1
        }
    }

    private mutating func add(_ entry: UnsafePointer<CChar>) {
        let length = strlen(entry)
        guard let separator = strchr(entry, Int32(UInt8(ascii: "="))) else {
            count += 1
            byteCount += length
            return
        }
        let nameLength = UnsafePointer(separator) - entry
        guard nameLength != Self.roleName.utf8.count || memcmp(entry, Self.roleName, nameLength) != 0 else { return }
        count += 1
        byteCount += length - 1
        guard nameLength < Self.known.count else { return }
        for known in Self.known[nameLength] where memcmp(entry, known.name, nameLength) == 0 {
            if values[known.index] == nil { values[known.index] = UnsafePointer(separator) + 1 }
        }
    }

    /// The value as text; bytes that are not UTF-8 become U+FFFD. Nil when the parameter is absent.
    subscript(_ parameter: Parameter) -> String? {
        pointer(parameter).map { String(cString: $0) }
    }

    /// The value's length in bytes; 0 when the parameter is absent.
    func length(of parameter: Parameter) -> Int {
        pointer(parameter).map { strlen($0) } ?? 0
    }

    private func pointer(_ parameter: Parameter) -> UnsafePointer<CChar>? {
        Parameter.allCases.firstIndex(of: parameter).flatMap { values[$0] }
    }
}
