import Glibc

/// SIGPIPE, which writing to a closed connection raises in the thread that writes, and which ends the program.
enum BrokenPipeSignal {
    /// Runs `work` with the signal blocked in this thread; one that came meanwhile is taken away.
    static func blocked<Result>(_ work: () -> Result) -> Result {
        var pipe = sigset_t()
        var before = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let result = work()
        if sigismember(&before, SIGPIPE) == 0 {
            var none = timespec()
            while sigtimedwait(&pipe, nil, &none) > 0 {}
        }
        return result
    }
}
