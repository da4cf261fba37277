import CCurl
import Glibc
import Model
import System
package import WebhookRules

/// Sends webhooks concurrently, on its own threads, within its settings' limits in total, per app and in time.
///
/// Follows no redirect, and connects to no address that the policy refuses. An open connection is reused for the next
/// request to the same server; when the receiver has closed it meanwhile, libcurl sends the request again on a new one,
/// so that a receiver may see one attempt twice.
package final class WebhookSender: Sendable {
    package let settings: SenderSettings
    private let scheduler: SendScheduler
    private let threads: Lock<[PosixThread]>

    /// Starts the threads.
    package init(settings: SenderSettings = SenderSettings()) throws(SenderError) {
        try settings.checkAuthorities()
        self.settings = settings
        var loops: [CurlMulti] = []
        for _ in 0..<max(1, settings.threadCount) { loops.append(try CurlMulti()) }
        let scheduler = SendScheduler(
            settings: settings, inboxes: loops.map { multi in TransferInbox { multi.wake() } })
        self.scheduler = scheduler
        threads = Lock([])
        for (multi, inbox) in zip(loops, scheduler.inboxes) {
            let thread = try PosixThread.startJoinable {
                TransferLoop(multi: multi.handle, inbox: inbox, settings: settings) { job, milliseconds in
                    scheduler.didEnd(job, milliseconds: milliseconds)
                }.run()
            }
            threads.withLock { $0.append(thread) }
        }
    }

    deinit {
        stop(within: .zero)
    }

    /// What to do with the app's next event, before a webhook is made of it.
    func admission(app: Int64) -> Admission { scheduler.admission(app: app) }

    /// Adds a webhook and returns at once; may be called from any thread.
    ///
    /// - Parameter completion: called exactly once, as a rule on one of the sender's threads, where it delays all other
    ///   requests: it must not block. It may submit.
    /// - Throws: `full` or `stopped`; `completion` is not called then.
    package func submit(
        _ webhook: PlannedWebhook, completion: @escaping @Sendable (SendResult) -> Void
    ) throws(SenderError) {
        try scheduler.add(SendJob(webhook: webhook, completion: completion, submitted: .now()))
    }

    /// Starts no more requests until `resume`: they wait. Running ones go on.
    func pause() { scheduler.pause() }

    /// Starts the requests that wait, within the limits.
    func resume() { scheduler.resume() }

    /// Accepts no more requests, completes the waiting ones as `cancelled`, lets the running ones finish for up to
    /// `limit`, then cancels them; returns when every completion has been called.
    ///
    /// Must not be called by a completion.
    package func stop(within limit: Duration) {
        scheduler.stop(at: MonotonicTime.now().adding(limit))
        let ended = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        ended.forEach { $0.join() }
    }

    /// Running and waiting requests of all apps.
    package var load: (running: Int, waiting: Int) { scheduler.load }

    /// Running and waiting requests of one app.
    package func load(app: Int64) -> (running: Int, waiting: Int) { scheduler.load(app: app) }
}

/// A libcurl multi handle.
///
/// Unchecked because the handle is a pointer: only its loop's thread uses it, except for `wake`, the one call that
/// libcurl allows from any thread. `TransferInbox` makes that call only while the loop has not freed the handle.
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
