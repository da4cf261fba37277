import CCurl
import Glibc

/// A POSIX thread that can be joined.
struct JoinableThread: Sendable {
    /// Stack size in bytes; only used pages take memory.
    private static let stackSize = 512 << 10

    private let thread: pthread_t

    private final class Work: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts a thread that blocks all signals but those of faults: OpenSSL writes to sockets without suppressing
    /// SIGPIPE, and signals that stop the program are handled by another thread.
    init(_ work: @escaping @Sendable () -> Void) throws(SenderError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        let argument = Unmanaged.passRetained(Work(work))
        var thread = pthread_t()
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&all, fault) }
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard code == 0 else {
            argument.release()
            throw .system(call: "pthread_create", code: code, reason: String(cString: strerror(code)))
        }
        self.thread = thread
    }

    /// Waits until the thread ends; once only.
    func join() {
        pthread_join(thread, nil)
    }

    /// Lets the thread run on without being joined; instead of `join`.
    func detach() {
        pthread_detach(thread)
    }
}
