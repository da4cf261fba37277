import Buffer
import Logging
import Model
import Queue
import Redis
import Synchronization
import System
import WebhookRules

/// The thread that records completed deliveries, settles them, and then reports what became of them.
struct RecordingLoop {
    private let context: DeliveryContext
    private let random: @Sendable () -> Double
    private let queue: DeliveryQueue
    private let rows: WebhookRequestBuffer
    private let archive: PayloadArchive?
    private let autoDisabler: any AutoDisabling
    private let circuitObserver: (any CircuitObserving)?
    private let report: DeliveryReport
    private var unsentEvents: UnsentEvents
    private var isArchiveFailing = false
    private var isCountingFailing = false

    init(
        _ context: DeliveryContext, connection: RedisConnection, autoDisabler: any AutoDisabling,
        circuitObserver: (any CircuitObserving)?, random: @escaping @Sendable () -> Double
    ) {
        self.context = context
        self.random = random
        self.autoDisabler = autoDisabler
        self.circuitObserver = circuitObserver
        queue = DeliveryQueue(connection: connection, settings: context.settings.queue, clock: context.clock)
        rows = WebhookRequestBuffer(connection: connection, events: context.settings.plan.events)
        archive = context.settings.archive.map { PayloadArchive(connection: connection, limits: $0) }
        report = DeliveryReport(metrics: context.metrics, log: context.log)
        unsentEvents = UnsentEvents(context, connection: connection)
    }

    /// Runs until the queue of completions is closed and empty, or recording is given up because the worker stops.
    mutating func run() {
        let settings = context.settings
        while let completions = context.completions.take(limit: settings.recordBatch, delay: settings.recordDelay) {
            guard let completions = withLostLeases(withNewestLeases(completions)) else { return }
            let batch = RecordingBatch(completions)
            // Recorded before settled: an entry that is settled without a row would be missing in the log.
            guard recordRows(batch.attempts), noteGone(batch.attempts) else { return }
            archivePayloads(batch)
            unsentEvents.note(batch.completions)
            countFailures(batch.attempts)
            countForBreakers(batch.attempts)
            let now = context.clock.now()
            let items = batch.items(settings.policies, now: now, random: random)
            let results = settle(items, decidedAt: now)
            context.reportDisplaced(by: queue)
            for (item, result) in zip(items, results) { report.report(item, result) }
            finish(batch, items, results)
            guard !results.contains(.open) else { return }
        }
    }

    private func withNewestLeases(_ completions: [Completion]) -> [Completion] {
        context.inFlight.withLock { table in
            completions.compactMap { completion in
                guard let delivery = table.delivery(completion.handle) else { return nil }
                var completion = completion
                completion.delivery = delivery
                return completion
            }
        }
    }

    /// Replaces failures without a response by `leaseLost` where another worker has the entry: this one stood still,
    /// and its deadlines have passed, whatever the receivers did. Redis is asked only about leases that may be lost.
    ///
    /// Nil when it was given up because the worker stops.
    private func withLostLeases(_ completions: [Completion]) -> [Completion]? {
        let failed = completions.indices.filter { completions[$0].attempt?.result.failure != nil }
        let moment = MonotonicTime.now().adding(.zero - context.settings.visibilityTimeout)
        let leases = context.inFlight.withLock { table in
            failed.map { table.lease(completions[$0].handle, renewedBefore: moment) }
        }
        var lost = Set(zip(failed, leases).filter { $1 == .lost }.map(\.0))
        let doubtful = zip(failed, leases).filter { $1 == .doubtful }.map(\.0)
        if !doubtful.isEmpty {
            let isKnown = persist { () throws(RedisError) in
                let held = try queue.renew(doubtful.map { completions[$0].delivery })
                lost.formUnion(zip(doubtful, held).filter { !$1 }.map(\.0))
            }
            guard isKnown else { return nil }
        }
        var completions = completions
        for index in lost { completions[index].loseLease() }
        return completions
    }

    /// False when it was given up because the worker stops.
    private func recordRows(_ attempts: [FinishedAttempt]) -> Bool {
        let policies = context.settings.policies
        var records = attempts.map {
            WebhookRequestRecord(
                $0, errorList: policies.policy(of: $0.webhook).errorList)
        }
        guard !records.isEmpty else { return true }
        var batch = RecordBatch()
        return persist { () throws(RedisError) in
            defer { batch.isRepeated = true }
            var refusal: RedisError?
            var refused: [WebhookRequestRecord] = []
            let outcomes = try rows.record(records, batch: batch, now: context.clock.now())
            for (record, outcome) in zip(records, outcomes) {
                switch outcome {
                case .stored: break
                case .unknownEvent: report.reportUnknownEvent(record)
                case .refused(let key, let message):
                    // A key of the wrong type stays so; anything else, such as a lack of memory, may pass.
                    guard !message.contains("WRONGTYPE") else {
                        report.reportUnwritable(record, message)
                        continue
                    }
                    refused.append(record)
                    refusal = .refused(key: key, message: message)
                }
            }
            records = refused
            if let refusal { throw refusal }
        }
    }

    /// Notes the apps that want no more webhooks; false when it was given up because the worker stops.
    private func noteGone(_ attempts: [FinishedAttempt]) -> Bool {
        let gone = attempts.filter(\.isGone)
        guard !gone.isEmpty else { return true }
        return persist { () throws(RedisError) in
            do throws(RedisError) {
                context.notePending(try autoDisabler.noteGone(gone))
            } catch .refused(let key, let message) where message.hasPrefix("WRONGTYPE") {
                // It stays so, as for rows.
                context.log.error(
                    "apps to be disabled cannot be stored", metadata: ["key": "\(key ?? "")", "error": "\(message)"])
            }
        }
    }

    /// Repeats `body` until it succeeds; false when it was given up because the worker stops. While it fails, nothing
    /// more is sent.
    private func persist(_ body: () throws(RedisError) -> Void) -> Bool {
        var backoff = Backoff()
        while true {
            do {
                try body()
                context.resumeSending()
                return true
            } catch {
                context.pauseSending(error)
                guard context.lifecycle.pauseBeforeRetry(backoff.next()) else { return false }
            }
        }
    }

    /// Tried once only: a payload that is not archived cannot be redelivered, and nothing else depends on it.
    private mutating func archivePayloads(_ batch: RecordingBatch) {
        let isClosed = context.isArchiveClosed.load(ordering: .relaxed)
        guard let archive else { return }
        let entries = batch.archiveEntries(
            context.settings.policies, isClosed: isClosed, detailsBytes: context.settings.detailsBytes)
        guard !entries.isEmpty else { return }
        do {
            try archive.store(entries, now: context.clock.now())
            isArchiveFailing = false
        } catch {
            if !isArchiveFailing {
                context.log.warning("payloads could not be archived for redelivery", metadata: ["error": "\(error)"])
            }
            isArchiveFailing = true
        }
    }

    private mutating func countFailures(_ attempts: [FinishedAttempt]) {
        guard !attempts.isEmpty else { return }
        do {
            context.notePending(try autoDisabler.observe(attempts, now: context.clock.now()))
            isCountingFailing = false
        } catch {
            if !isCountingFailing {
                context.log.warning(
                    "attempts were not counted for automatic disabling", metadata: ["error": "\(error)"])
            }
            isCountingFailing = true
        }
    }

    /// Tried once only, as in the original: without Redis every breaker is closed.
    private func countForBreakers(_ attempts: [FinishedAttempt]) {
        guard let circuitObserver, !attempts.isEmpty, !context.circuitGate.isPaused else { return }
        do {
            for (name, state) in try circuitObserver.observe(attempts, now: context.clock.now()) {
                context.circuitGate.note(state, of: name)
            }
        } catch {
            context.circuitGate.noteFailure(error)
        }
    }

    /// Settles the items, and those that Redis refuses again and again; some stay open when that was given up because
    /// the worker stops.
    private func settle(
        _ items: [RecordingBatch.Item], decidedAt decision: Timestamp
    ) -> [SettlementProgress.Result] {
        var progress = SettlementProgress(count: items.count)
        _ = persist { () throws(RedisError) in
            let outcomes = queue.settle(progress.remaining.map { items[$0].settlement }, decidedAt: decision)
            if let error = progress.note(outcomes) { throw error }
        }
        return progress.results
    }

    /// Frees the capacity of what is not open, and wakes the housekeeping thread for what is due soon.
    private func finish(
        _ batch: RecordingBatch, _ items: [RecordingBatch.Item], _ results: [SettlementProgress.Result]
    ) {
        let earliest = items.compactMap { item in
            if case .retry(_, let due, _) = item.settlement { due } else { nil }
        }.min()
        context.inFlight.change { table in
            for (item, result) in zip(items, results) where result != .open { table.remove(item.completion.handle) }
            return true
        }
        context.counts.withLock { counts in
            counts.settled += results.count { $0 == .settled }
            counts.attempted += batch.attempts.count
        }
        if let earliest { context.timer.schedule(earliest) }
    }
}
