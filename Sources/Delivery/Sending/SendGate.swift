import Model
import System

/// The sender's `ConcurrencyGate`, shared by its threads: passes on what the gate says is to be started.
final class SendGate: Sendable {
    private struct State {
        var gate: ConcurrencyGate<SendJob>
        var isStopped = false
    }

    let inboxes: [TransferInbox]
    private let state: Lock<State>

    init(settings: SenderSettings, inboxes: [TransferInbox]) {
        self.inboxes = inboxes
        state = Lock(
            State(
                gate: ConcurrencyGate(
                    totalLimit: settings.totalLimit, perAppLimit: settings.perAppLimit,
                    waitingLimit: settings.waitingLimit)))
    }

    func add(_ job: SendJob) throws(SenderError) {
        let (error, jobs) = state.withLock { state -> (SenderError?, [SendJob]) in
            if state.isStopped { return (.stopped, []) }
            guard let jobs = state.gate.add(job, app: job.request.appID) else {
                return (.full(waitingLimit: state.gate.waitingLimit), [])
            }
            return (nil, jobs)
        }
        if let error { throw error }
        jobs.forEach(handOver)
    }

    func didEnd(_ job: SendJob) {
        state.withLock { $0.gate.finish(app: job.request.appID) }.forEach(handOver)
    }

    func stop(at end: MonotonicTime) {
        let waiting = state.withLock { state in
            state.isStopped = true
            return state.gate.removeWaiting()
        }
        waiting.forEach { $0.fail(.cancelled, "the sender was stopped before its turn") }
        inboxes.forEach { $0.close(at: end) }
    }

    var load: (running: Int, waiting: Int) {
        state.withLock { ($0.gate.runningCount, $0.gate.waitingCount) }
    }

    func load(app: Int64) -> (running: Int, waiting: Int) {
        state.withLock { $0.gate.load(app: app) }
    }

    /// One app's requests go to one thread, so that they find its open connections.
    private func handOver(_ job: SendJob) {
        let inbox = inboxes[Int(UInt64(bitPattern: job.request.appID) % UInt64(inboxes.count))]
        if !inbox.add(job) { job.fail(.cancelled, "the sender was stopped before its turn") }
    }
}
