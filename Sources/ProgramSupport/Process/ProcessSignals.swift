import Glibc

/// The signals that the programs follow, taken by waiting instead of by handlers.
package struct ProcessSignals {
    /// What a signal asks for.
    package enum Request: Hashable, Sendable {
        /// TERM, INT or QUIT: finish what has begun and end. `sender` is the process that sent it, 0 for one unknown.
        case stop(Int32, sender: Int32)
        /// USR1: open the log anew.
        case reopenLog
        /// USR2: hand over to a new process.
        case reload
    }

    private static let stopping = [SIGTERM, SIGINT, SIGQUIT]

    private var set = sigset_t()

    /// Blocks the signals in this thread and in those it will start, and makes the end of a child something to ask about.
    package init() {
        sigemptyset(&set)
        for signal in Self.stopping + [SIGUSR1, SIGUSR2] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // Whoever started the program may have left it ignored: then no end of a child could be asked about.
        signal(SIGCHLD, SIG_DFL)
    }

    /// Waits for one of the signals; nil when `milliseconds` have passed without.
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
