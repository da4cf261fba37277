import Glibc

/// The environment that the process was started with.
package enum ProcessEnvironment {
    /// Its raw form, for as long as nobody changes it.
    package static var block: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? { environ }

    package static func all() -> [String: String] {
        var variables: [String: String] = [:]
        guard var next = block else { return variables }
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let separator = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                variables[String(text[..<separator])] = String(text[text.index(after: separator)...])
            }
            next += 1
        }
        return variables
    }
}
