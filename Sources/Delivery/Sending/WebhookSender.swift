import CCurl
import Glibc
import Model
import System

/// Sends webhooks, many at a time, on threads of its own.
///
/// Within its settings' limits: in all, per app, and in time. Follows no redirect, and connects to no address that the
/// policy refuses. An open connection is used again for the next request to the same place; when the receiver has closed
/// it in between, libcurl sends the request once more on a new one, so that a receiver may see one attempt twice.
package final class WebhookSender: Sendable {
    package let settings: SenderSettings
    private let gate: SendGate
    private let threads: Lock<[PosixThread]>

    /// Starts the threads.
    package init(settings: SenderSettings = SenderSettings()) throws(SenderError) {
        try settings.checkAuthorities()
        self.settings = settings
        var loops: [CurlMulti] = []
        for _ in 0..<max(1, settings.threadCount) { loops.append(try CurlMulti()) }
        let gate = SendGate(
            settings: settings, inboxes: loops.map { multi in TransferInbox { multi.wake() } })
        self.gate = gate
        threads = Lock([])
        for (multi, inbox) in zip(loops, gate.inboxes) {
            let thread = try PosixThread.startJoinable {
                TransferLoop(multi: multi.handle, inbox: inbox, settings: settings) { gate.didEnd($0) }.run()
            }
            threads.withLock { $0.append(thread) }
        }
    }

    deinit {
        stop(within: .zero)
    }

    /// Takes a request and returns at once, from any thread.
    ///
    /// - Parameter completion: called exactly once, as a rule on one of the sender's threads, where it holds up every
    ///   other request: it must be quick and must not wait. It may submit.
    /// - Throws: `full` or `stopped`; `completion` is not called then.
    package func submit(
        _ request: OutgoingRequest, completion: @escaping @Sendable (SendResult) -> Void
    ) throws(SenderError) {
        try gate.add(SendJob(request: request, completion: completion, submitted: .now()))
    }

    /// Takes no more requests, gives back those that wait as `cancelled`, lets those under way finish for up to `limit`,
    /// then cancels them; returns when every completion has been called.
    ///
    /// Not to be called by a completion.
    package func stop(within limit: Duration) {
        gate.stop(at: MonotonicTime.now().adding(limit))
        let ended = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        ended.forEach { $0.join() }
    }

    /// How much is under way and how much waits, all apps together.
    package var load: (running: Int, waiting: Int) { gate.load }

    /// How much is under way and how much waits for one app: whoever feeds the sender can leave a slow app's next
    /// requests where they are.
    package func load(app: Int64) -> (running: Int, waiting: Int) { gate.load(app: app) }
}

/// A libcurl multi handle. Of its calls, only the one that wakes may come from another thread than its loop's.
/// Unchecked because the compiler cannot see that rule: the handle is a pointer.
private struct CurlMulti: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer

    init() throws(SenderError) {
        guard let handle = curl_multi_init() else {
            throw .system(call: "curl_multi_init", code: 0, reason: "no memory")
        }
        self.handle = handle
    }

    func wake() {
        curl_multi_wakeup(handle)
    }
}
