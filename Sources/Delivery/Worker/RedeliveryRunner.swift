package import Directory
package import Logging
package import Model
package import Queue
package import Redis
import System

/// How redelivery jobs are run.
package struct RedeliverySettings: Hashable, Sendable {
    /// The events of one step.
    package var eventsPerStep = 50
    /// The entries of an app in the queue from which on its jobs wait: its new events do not wait behind old ones, and
    /// a job that is cancelled stops soon.
    package var maximumQueued = 200
    /// How long a step redelivers; the thread has other work, too.
    package var stepBudget = Duration.milliseconds(300)
    /// After this time another worker begins a step again whose worker has ended.
    package var stepLease = Duration.seconds(30)
    /// Between two looks for a job.
    package var interval = Duration.seconds(1)
    /// How long a job waits whose events find no room in the queue.
    package var fullQueuePause = Duration.seconds(5)

    package init() {}
}

/// Runs the steps of redelivery jobs: puts stored events into the queue again, as new events that refer to the
/// originals.
///
/// Several workers may do so with the same Redis: one of them takes each step. Not thread-safe.
package final class RedeliveryRunner {
    private let settings: RedeliverySettings
    private let jobs: RedeliveryJobs
    private let archive: PayloadArchive
    private let queue: DeliveryQueue
    private let directory: any DeliveryDirectory
    private let eventIDs: EventIDSource
    private let log: Logger
    private var timer: IntervalTimer
    private var isFailing = false

    /// - Parameter connection: may be shared with other code of the thread, unless that blocks on it.
    package init(
        connection: RedisConnection, settings: RedeliverySettings = RedeliverySettings(), archive: ArchiveLimits,
        queue: DeliveryQueueSettings, directory: any DeliveryDirectory, eventIDs: EventIDSource = .random,
        clock: WallClock = .system, log: Logger
    ) {
        self.settings = settings
        jobs = RedeliveryJobs(connection: connection)
        self.archive = PayloadArchive(connection: connection, limits: archive)
        self.queue = DeliveryQueue(connection: connection, settings: queue, clock: clock)
        self.directory = directory
        self.eventIDs = eventIDs
        self.log = log
        timer = IntervalTimer(every: settings.interval, isDueAtOnce: true)
    }

    /// The time until the next step may be due.
    func remaining(_ now: MonotonicTime) -> Duration { timer.remaining(now) }

    /// One step, if one is due. A failure is logged once, and the step is done again after its lease.
    func work(now: Timestamp) {
        guard timer.take(.now()) else { return }
        do {
            timer.isOverdue = try step(now: now)
            isFailing = false
        } catch {
            if !isFailing {
                log.warning("a redelivery job could not be continued", metadata: ["error": "\(error)"])
            }
            isFailing = true
        }
    }

    /// One step of the job that has been due for the longest time.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    package func step(now: Timestamp) throws -> Bool {
        guard let job = try jobs.begin(lease: settings.stepLease) else { return false }
        var next = job
        let pause = try advance(&next, now: now)
        if try jobs.finish(job, next: next, pause: pause, now: now), !next.state.isActive {
            log.notice(
                next.state == .done ? "a redelivery job is done" : "a redelivery job has failed",
                metadata: [
                    "job": "\(job.id)", "app_id": "\(job.appID)", "redelivered": "\(next.counts.redelivered)",
                    "reason": "\(next.reason ?? "")",
                ])
        }
        return true
    }

    /// Redelivers the next events of a job.
    ///
    /// - Returns: the pause until the next step.
    private func advance(_ job: inout RedeliveryJob, now: Timestamp) throws -> Duration {
        job.state = .running
        job.reason = nil
        guard let app = try directory.app(id: job.appID) else { return fail(&job, "the app was deleted") }
        guard app.disablement == nil else { return fail(&job, "the app is disabled") }
        let room = settings.maximumQueued - (try queue.entryCount(appID: app.id))
        guard room > 0 else {
            job.reason = "waits until fewer than \(settings.maximumQueued) events of the app are in the queue"
            return settings.interval
        }
        let end = MonotonicTime.now().adding(settings.stepBudget)
        let page = try archive.events(
            job.query, now: now, after: job.cursor, count: min(room, settings.eventsPerStep))
        for item in page.events {
            if let limit = try redeliver(item, &job, now: now) {
                job.reason = "waits for room in the queue: \(limit.reason)"
                return settings.fullQueuePause
            }
            job.pass(item)
            if MonotonicTime.now() >= end { return .zero }
        }
        if page.next == nil { job.state = .done }
        return .zero
    }

    private func fail(_ job: inout RedeliveryJob, _ reason: String) -> Duration {
        job.state = .failed
        job.reason = reason
        return .zero
    }

    /// Redelivers one event, and counts what became of it.
    ///
    /// - Returns: the limit of the queue that left no room for it; nothing is counted then.
    private func redeliver(
        _ item: ArchivePage.Item, _ job: inout RedeliveryJob, now: Timestamp
    ) throws -> QueueLimit? {
        guard let event = try archive.event(id: item.id, appID: job.appID) else {
            job.counts.expired += 1
            return nil
        }
        guard try isSelected(event, by: job.selection) else {
            job.counts.excluded += 1
            return nil
        }
        // Never before the end of the job's time range, also where this worker's clock is behind the one that set the
        // end: a redelivery within the range would itself be redelivered by the job.
        guard let entry = event.redelivery(id: eventIDs.next(), at: max(now, job.createdAt)) else {
            job.counts.unreadable += 1
            return nil
        }
        switch try queue.enqueue(entry, idempotencyKey: job.idempotencyKey(of: event)) {
        case .accepted: job.counts.redelivered += 1
        case .duplicate where job.selection.errorsOnly: job.counts.alreadyQueued += 1
        // Only this job uses the key: the step is done again.
        case .duplicate: job.counts.redelivered += 1
        case .full(let limit): return limit
        case .tooLarge: job.counts.unreadable += 1
        }
        return nil
    }

    private func isSelected(_ event: ArchivedEvent, by selection: RedeliveryJob.Selection) throws -> Bool {
        if let events = selection.events, !events.contains(event.event) { return false }
        guard let organizationID = selection.organizationID else { return true }
        // A relay knows no organizations.
        guard RelayedWebhook(bytes: event.payload) == nil else { return false }
        // Counted as unreadable later.
        guard let payload = QueuedEvent(bytes: event.payload) else { return true }
        return try directory.installation(uuid: payload.installationUUID)?.organizationID == organizationID
    }
}
