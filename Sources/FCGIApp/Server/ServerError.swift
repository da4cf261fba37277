import Glibc

/// A call to the operating system that failed where the program cannot go on.
struct ServerError: Error, Hashable, CustomStringConvertible {
    let call: String
    /// `errno`.
    let code: Int32

    init(call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    var description: String { "\(call) failed: \(String(cString: strerror(code)))" }
}
