/// What a program's exit status says; numbers of `sysexits.h` where there is one.
package enum ExitStatus {
    package static let success: Int32 = 0
    /// The drain time was over before everything begun was finished.
    package static let cutOff: Int32 = 1
    package static let wrongUsage: Int32 = 64
    /// A new process took over and was lost before this one had ended.
    package static let successorLost: Int32 = 70
    /// The operating system refused something that is no matter of configuration.
    package static let systemError: Int32 = 71
    package static let wrongConfiguration: Int32 = 78

    package static func signalled(_ signal: Int32) -> Int32 { 128 + signal }
}
