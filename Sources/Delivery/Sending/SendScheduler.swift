import Model
import System
import WebhookRules

/// The sender's `FairScheduler`, shared by its threads: passes the requests that are to start to the threads' inboxes.
final class SendScheduler: Sendable {
    private struct State {
        var scheduler: FairScheduler<SendJob>
        var isStopped = false
    }

    let inboxes: [TransferInbox]
    private let state: Lock<State>

    init(settings: SenderSettings, inboxes: [TransferInbox]) {
        self.inboxes = inboxes
        state = Lock(
            State(
                scheduler: FairScheduler(
                    totalLimit: settings.totalLimit, perAppLimit: settings.perAppLimit,
                    waitingLimit: settings.waitingLimit)))
    }

    /// What to do with the app's next event.
    func admission(app: Int64) -> Admission {
        let now = MonotonicTime.now()
        return state.withLock { $0.scheduler.admission(app: app, now: now) }
    }

    func add(_ job: SendJob) throws(SenderError) {
        let (error, jobs) = state.withLock { state -> (SenderError?, [SendJob]) in
            if state.isStopped { return (.stopped, []) }
            guard let jobs = state.scheduler.add(job, app: job.appID, now: job.submitted) else {
                return (.full(waitingLimit: state.scheduler.waitingLimit), [])
            }
            return (nil, jobs)
        }
        if let error { throw error }
        jobs.forEach(handOver)
    }

    /// Notes that a job that was handed over has ended.
    func didEnd(_ job: SendJob, milliseconds: Int) {
        let now = MonotonicTime.now()
        state.withLock { $0.scheduler.finish(app: job.appID, milliseconds: milliseconds, now: now) }.forEach(handOver)
    }

    /// Starts nothing more until `resume`.
    func pause() {
        state.withLock { $0.scheduler.pause() }
    }

    func resume() {
        state.withLock { $0.scheduler.resume() }.forEach(handOver)
    }

    func stop(at end: MonotonicTime) {
        let waiting = state.withLock { state in
            state.isStopped = true
            return state.scheduler.removeWaiting()
        }
        waiting.forEach { $0.fail(.cancelled, "the sender was stopped before the request was sent") }
        inboxes.forEach { $0.close(at: end) }
    }

    var load: (running: Int, waiting: Int) {
        state.withLock { ($0.scheduler.runningCount, $0.scheduler.waitingCount) }
    }

    func load(app: Int64) -> (running: Int, waiting: Int) {
        state.withLock { $0.scheduler.load(app: app) }
    }

    /// All requests of an app go to one thread, so that they find its open connections.
    private func handOver(_ job: SendJob) {
        let inbox = inboxes[Int(UInt64(bitPattern: job.appID) % UInt64(inboxes.count))]
        if !inbox.add(job) { job.fail(.cancelled, "the sender was stopped before the request was sent") }
    }
}

/// A webhook that is being sent; an object, because it passes through several queues.
final class SendJob: Sendable {
    let webhook: PlannedWebhook
    let completion: @Sendable (SendResult) -> Void
    let submitted: MonotonicTime

    init(
        webhook: PlannedWebhook, completion: @escaping @Sendable (SendResult) -> Void, submitted: MonotonicTime
    ) {
        self.webhook = webhook
        self.completion = completion
        self.submitted = submitted
    }

    var appID: Int64 { webhook.app.id }

    /// Reports the end of a request that never started.
    func fail(_ failure: SendFailure, _ detail: String) {
        completion(
            SendResult(
                outcome: .failed(failure, detail: detail), durationMilliseconds: 0,
                queuedMilliseconds: submitted.millisecondsUntilNow))
    }
}
