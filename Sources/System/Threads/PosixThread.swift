import Glibc

/// A thread of the operating system, which is either joined or detached.
package struct PosixThread: Sendable {
    /// Stack of a thread, in bytes; only what is used takes memory.
    package static let stackSize = 512 << 10

    private let thread: pthread_t

    private final class Work: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts a thread that runs `work`; `join` or `detach` must be called once.
    ///
    /// - Parameter blocksSignals: whether the thread receives no signals but those of its own faults; otherwise it
    ///   inherits the caller's signal mask.
    package init(blocksSignals: Bool = false, _ work: @escaping @Sendable () -> Void) throws(SystemCallError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        let argument = Unmanaged.passRetained(Work(work))
        var thread = pthread_t()
        var previousMask = sigset_t()
        if blocksSignals { Self.blockSignals(previousMask: &previousMask) }
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        if blocksSignals { pthread_sigmask(SIG_SETMASK, &previousMask, nil) }
        guard code == 0 else {
            argument.release()
            throw SystemCallError(call: "pthread_create", code: code)
        }
        self.thread = thread
    }

    /// Starts a detached thread that runs `work`; it inherits the caller's signal mask.
    package static func start(_ work: @escaping @Sendable () -> Void) throws(SystemCallError) {
        try PosixThread(work).detach()
    }

    private static func blockSignals(previousMask: inout sigset_t) {
        var signals = sigset_t()
        sigfillset(&signals)
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&signals, fault) }
        pthread_sigmask(SIG_SETMASK, &signals, &previousMask)
    }

    /// Waits until the thread has ended.
    package func join() {
        pthread_join(thread, nil)
    }

    /// Lets the thread run without being joined.
    package func detach() {
        pthread_detach(thread)
    }
}

/// A system call that failed where the program cannot continue.
package struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String
    /// `errno`.
    package let code: Int32

    package init(call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call) failed: \(String(cString: strerror(code)))" }
}
