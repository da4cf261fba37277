/// What the program's exit status says; numbers of `sysexits.h` where there is one.
enum ExitStatus {
    static let success: Int32 = 0
    /// The drain time was over before every request was answered.
    static let cutOff: Int32 = 1
    static let wrongUsage: Int32 = 64
    /// The operating system refused something that is no matter of configuration.
    static let systemError: Int32 = 71
    static let wrongConfiguration: Int32 = 78

    static func signalled(_ signal: Int32) -> Int32 { 128 + signal }
}
