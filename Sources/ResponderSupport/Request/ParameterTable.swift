import Glibc

/// The known parameters of one request, found in a block of `NAME=value` strings, and the size of the whole block.
///
/// Holds pointers into the block (libfcgi's `envp`, or `environ`) and is valid only as long as that. Strings are made
/// on demand.
package struct ParameterTable {
    /// Added to the block by libfcgi; does not count against the peer's limits.
    private static let roleName: StaticString = "FCGI_ROLE"

    /// The bytes of a value; without an address when the parameter is absent.
    private struct ValueRange {
        var start: UnsafePointer<UInt8>?
        var count = 0
    }

    /// The count of all parameters, known or not.
    private(set) var count = 0
    /// The bytes of all names and values.
    private(set) var byteCount = 0
    /// The last parameter about the caller that was passed more than once; nil when none was.
    private(set) var repeated: Parameter?
    /// By the parameters' raw values. Inline, to save an allocation for each request.
    private var values = InlineArray<30, ValueRange>(repeating: ValueRange())

    /// - Parameter block: pointers to `NAME=value`, the last one nil. The first of repeated names counts.
    package init(block: UnsafePointer<UnsafeMutablePointer<CChar>?>) {
        let names = ParameterNames.known
        var next = block
        while let entry = next.pointee {
            add(UnsafePointer(entry), names)
            next += 1
        }
    }

    private mutating func add(_ entry: UnsafePointer<CChar>, _ names: ParameterNames) {
        guard let separator = strchr(entry, Int32(UInt8(ascii: "="))) else {
            count += 1
            byteCount += strlen(entry)
            return
        }
        let name = UnsafeRawBufferPointer(start: entry, count: UnsafePointer(separator) - entry)
            .assumingMemoryBound(to: UInt8.self)
        if Self.isRole(name) { return }
        let value = UnsafeRawPointer(separator + 1).assumingMemoryBound(to: UInt8.self)
        let length = strlen(separator + 1)
        count += 1
        byteCount += name.count + length
        guard let parameter = names.parameter(name) else { return }
        guard values[parameter.rawValue].start == nil else {
            if parameter.isAboutCaller { repeated = parameter }
            return
        }
        values[parameter.rawValue] = ValueRange(start: value, count: length)
    }

    private static func isRole(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count == roleName.utf8CodeUnitCount, let start = name.baseAddress else { return false }
        return memcmp(start, roleName.utf8Start, name.count) == 0
    }

    /// The value; bytes that are not UTF-8 become U+FFFD. Nil when the parameter is absent.
    subscript(_ parameter: Parameter) -> String? {
        bytes(of: parameter).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The value; no new string is made of it when it is the usual one.
    ///
    /// - Parameter usual: a literal, or a constant made of one.
    subscript(_ parameter: Parameter, usual usual: String) -> String? {
        guard let bytes = bytes(of: parameter), let start = bytes.baseAddress else { return nil }
        let isUsual = usual.utf8.withContiguousStorageIfAvailable { usual in
            usual.count == bytes.count && usual.baseAddress.map { memcmp($0, start, bytes.count) == 0 } ?? false
        }
        return isUsual == true ? usual : String(decoding: bytes, as: UTF8.self)
    }

    /// The value; nil when it is empty or absent.
    func nonEmpty(_ parameter: Parameter) -> String? {
        length(of: parameter) == 0 ? nil : self[parameter]
    }

    /// The value's bytes; nil when the parameter is absent.
    func bytes(of parameter: Parameter) -> UnsafeBufferPointer<UInt8>? {
        let value = values[parameter.rawValue]
        return value.start.map { UnsafeBufferPointer(start: $0, count: value.count) }
    }

    /// The value's length in bytes; 0 when the parameter is absent.
    package func length(of parameter: Parameter) -> Int {
        values[parameter.rawValue].count
    }

    /// Whether the value equals `expected`, which is ASCII.
    func has(_ parameter: Parameter, _ expected: StaticString) -> Bool {
        guard let bytes = bytes(of: parameter), bytes.count == expected.utf8CodeUnitCount, let start = bytes.baseAddress
        else { return false }
        return memcmp(start, expected.utf8Start, bytes.count) == 0
    }
}
