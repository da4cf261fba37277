import Directory
import Model
import ProgramSupport
import Queue
import Redis
import System

/// What a worker with `--once` waits for: until nothing in its queues is due any more.
struct DueWork {
    enum State: Hashable {
        case unfinished
        case finished
        /// Redis could not be used for `failureSeconds`.
        case failed(reason: String)
    }

    /// A restart of Redis is waited for; a run of the next minutes does the rest.
    private static let failureSeconds = 30
    /// How long what follows from deliveries is waited for: mails are sent one after the other, and the mail server or
    /// the directory may be down. The next run does the rest.
    private static let followUpSeconds = 60

    private let events: DeliveryQueue
    private let mails: DeliveryQueue?
    private let pending: PendingDisablings
    private let directory: any DeliveryDirectory
    private var failingSince: MonotonicTime?
    private var deliveredAt: MonotonicTime?
    private var wasDone = false

    /// - Parameter connection: for this value alone.
    init(_ configuration: WorkerConfiguration, connection: RedisConnection) throws(DirectoryError) {
        events = DeliveryQueue(connection: connection, settings: configuration.stores.queue.events)
        mails = configuration.mail.map { _ in DeliveryQueue(connection: connection, settings: .mail) }
        pending = PendingDisablings(connection: connection)
        directory = try configuration.stores.openDirectory(limits: DirectoryLimits(connectionCount: 1))
    }

    /// The state now. To be called repeatedly.
    ///
    /// - Parameters:
    ///   - isBusy: whether the worker has events in progress or has put some back, or has not looked for abandoned ones
    ///     yet.
    ///   - pauseReason: why the worker sends nothing; nil = it sends.
    mutating func state(isBusy: Bool, pauseReason: String?, now: MonotonicTime = .now()) -> State {
        if let pauseReason { return failure(pauseReason, now) }
        do throws(RedisError) {
            let isDone = try isDone(isBusy: isBusy, now)
            failingSince = nil
            // Once more, because an entry may be between the queue and the worker.
            defer { wasDone = isDone }
            return isDone && wasDone ? .finished : .unfinished
        } catch {
            return failure(error.description, now)
        }
    }

    private mutating func isDone(isBusy: Bool, _ now: MonotonicTime) throws(RedisError) -> Bool {
        let statistics = try events.statistics()
        guard !isBusy, !Self.hasDueEntry(statistics) else {
            deliveredAt = nil
            return false
        }
        let since = deliveredAt ?? now
        deliveredAt = since
        if now >= since.adding(seconds: Self.followUpSeconds) { return true }
        return try isFollowedUp()
    }

    /// Whether apps are disabled that are to be, and mails are sent.
    private func isFollowedUp() throws(RedisError) -> Bool {
        guard try pending.all().isEmpty, hasNoNotice else { return false }
        guard let mails else { return true }
        let remaining = try mails.statistics()
        return remaining.pending == 0 && !Self.hasDueEntry(remaining)
    }

    private var hasNoNotice: Bool {
        // Where the directory fails, the worker's log says so.
        (try? directory.pendingNotices(limit: 1))?.isEmpty ?? true
    }

    private mutating func failure(_ reason: String, _ now: MonotonicTime) -> State {
        let since = failingSince ?? now
        failingSince = since
        wasDone = false
        return now >= since.adding(seconds: Self.failureSeconds) ? .failed(reason: reason) : .unfinished
    }

    /// Whether a worker would receive an entry now.
    private static func hasDueEntry(_ queue: QueueStatistics) -> Bool {
        if queue.waiting > 0 { return true }
        guard let next = queue.nextDueAt else { return false }
        return next <= queue.readAt ?? .now()
    }
}
