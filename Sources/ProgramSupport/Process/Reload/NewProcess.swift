import Glibc

/// A new process that serves in this one's place.
package struct NewProcess: Hashable, Sendable {
    package let process: Int32
    /// Whether it serves on the socket that was handed over; else this process' socket is nobody's any more.
    package let isSocketTaken: Bool

    /// How it ended, if that was not in order; nil while it runs, and after exit status 0. For the process that started it.
    ///
    /// The end stays to be asked about: once this process is gone, the service manager is the one to hear of it, and until
    /// then the number is no other process'.
    func failure() -> ReloadChild.Exit? {
        var end = siginfo_t()
        let options = WEXITED | WNOHANG | WNOWAIT
        guard waitid(P_PID, id_t(process), &end, options) == 0, end.si_signo == SIGCHLD else { return nil }
        let status = end._sifields._sigchld.si_status
        guard Int(end.si_code) == Int(CLD_EXITED) else { return .signalled(status) }
        return status == ExitStatus.success ? nil : .exited(status)
    }
}
