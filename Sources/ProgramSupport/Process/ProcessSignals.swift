import Glibc

/// The signals that the programs handle, received by waiting instead of by handlers.
package struct ProcessSignals {
    /// The request that a signal stands for.
    package enum Request: Hashable, Sendable {
        /// TERM, INT or QUIT: finish the work in progress and exit. `sender` is the id of the sending process, 0 if
        /// unknown.
        case stop(Int32, sender: Int32)
        /// USR1: reopen the log.
        case reopenLog
        /// USR2: hand over to a new process.
        case reload
    }

    private static let stopping = [SIGTERM, SIGINT, SIGQUIT]

    private var set = sigset_t()

    /// Blocks the signals in this thread and in those it starts, and makes the exit statuses of children available.
    package init() {
        sigemptyset(&set)
        for signal in Self.stopping + [SIGUSR1, SIGUSR2] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // If the parent process left it ignored, `waitpid` would have no exit statuses.
        signal(SIGCHLD, SIG_DFL)
    }

    /// Waits for one of the signals; nil when none came within `milliseconds`.
    package mutating func wait(milliseconds: Int) -> Request? {
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        var information = siginfo_t()
        switch sigtimedwait(&set, &information, &time) {
        case SIGUSR1: return .reopenLog
        case SIGUSR2: return .reload
        case let signal where signal > 0: return .stop(signal, sender: information._sifields._kill.si_pid)
        default: return nil
        }
    }
}
