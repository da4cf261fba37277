import CFastCGI
import Glibc
import ProgramSupport
import Synchronization
import System

/// A request for a heartbeat that any idle worker thread responds to. Safe to use from many threads.
final class LivenessProbe: Sendable {
    /// Readable while no thread has responded to the probe.
    let descriptor: Int32
    private let responses = Counter()

    init() throws(SystemCallError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemCallError(call: "eventfd") }
    }

    deinit {
        close(descriptor)
    }

    /// Sends a probe, unless no thread has responded to the last one yet.
    func send() {
        eventfd_write(descriptor, 1)
    }

    /// Responds to the probe.
    func respond() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
        responses.increment()
    }

    /// The probes that were responded to.
    var responseCount: Int { responses.value }
}

/// A counter that several threads increment.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func increment() {
        count.add(1, ordering: .relaxed)
    }
}
