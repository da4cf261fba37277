import Glibc

/// The signals that end the program, taken by waiting instead of by handlers.
package struct StopSignals {
    private var set = sigset_t()

    /// Blocks TERM, INT and QUIT in this thread and in those it will start.
    package init() {
        sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGQUIT] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for one of the signals; nil when `milliseconds` have passed without.
    package mutating func wait(milliseconds: Int) -> Int32? {
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        let signal = sigtimedwait(&set, nil, &time)
        return signal > 0 ? signal : nil
    }
}
