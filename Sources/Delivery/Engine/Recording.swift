import Buffer
import Logging
import Model
import Queue
import Redis
import System
import WebhookRules

/// The thread that records what has ended, and then settles it.
struct Recording {
    let shop: DeliveryContext
    let random: @Sendable () -> Double
    private let connection: RedisConnection
    private let queue: DeliveryQueue
    private let rows: WebhookRequestBuffer
    private let archive: PayloadArchive?
    private let observer: any AutoDisabling
    private let report: DeliveryReport
    private var isArchiveFailing = false

    init(
        _ shop: DeliveryContext, connection: RedisConnection, observer: any AutoDisabling,
        random: @escaping @Sendable () -> Double
    ) {
        self.shop = shop
        self.random = random
        self.connection = connection
        self.observer = observer
        queue = DeliveryQueue(connection: connection, settings: shop.settings.queue)
        rows = WebhookRequestBuffer(connection: connection, events: shop.settings.plan.events)
        archive = shop.settings.archive.map { PayloadArchive(connection: connection, limits: $0) }
        report = DeliveryReport(metrics: shop.metrics, log: shop.log)
    }

    /// Works until nothing more will end, or until recording is given up because the worker is to end.
    mutating func run() {
        let settings = shop.settings
        while let ended = shop.outbox.take(limit: settings.recordBatch, delay: settings.recordDelay) {
            var batch = makeBatch(ended)
            // Recorded before settled: what is settled without a row would be lost to the log.
            guard recordRows(batch.attempts) else { return }
            keepPayloads(batch)
            observe(batch.attempts)
            let settlements = batch.settle(settings.retry, now: shop.clock.now(), random: random)
            notePace(batch.attempts)
            report.tell(batch)
            guard settle(settlements) else { return }
            finish(batch, settlements)
        }
    }

    private func makeBatch(_ ended: [Completion]) -> RecordingBatch {
        RecordingBatch(
            shop.flights.withLock { table in
                ended.compactMap { ended in
                    table.delivery(ended.ticket).map {
                        RecordingBatch.Item(ticket: ended.ticket, delivery: $0, end: ended.end)
                    }
                }
            })
    }

    /// False when it was given up because the worker is to end.
    private func recordRows(_ attempts: [FinishedAttempt]) -> Bool {
        var records = attempts.map { WebhookRequestRecord($0) }
        guard !records.isEmpty else { return true }
        return persist { () throws(RedisError) in
            var refusal: RedisError?
            var rest: [WebhookRequestRecord] = []
            for (record, outcome) in zip(records, try rows.record(records)) {
                switch outcome {
                case .stored: break
                case .unknownEvent: report.tellUnknownEvent(record)
                case .refused(let key, let message):
                    // The wrong type stays wrong; anything else, such as want of memory, may pass.
                    guard !message.hasPrefix("WRONGTYPE") else {
                        report.tellUnwritable(record, message)
                        continue
                    }
                    rest.append(record)
                    refusal = .refused(key: key, message: message)
                }
            }
            records = rest
            if let refusal { throw refusal }
        }
    }

    /// Repeats `body` until it works; false when it was given up because the worker is to end.
    private func persist(_ body: () throws(RedisError) -> Void) -> Bool {
        var pause = LoopPause()
        while true {
            do {
                try body()
                shop.noteSuccess(.redis, .recording)
                return true
            } catch {
                shop.noteFailure(.redis, .recording, error)
                guard shop.phase.restBeforeRetry(pause.next()) else { return false }
            }
        }
    }

    /// Once and no more: what is not kept cannot be sent again, and nothing else depends on it.
    private mutating func keepPayloads(_ batch: RecordingBatch) {
        guard let archive, !batch.attempts.isEmpty else { return }
        do {
            try archive.store(batch.archiveEntries, now: shop.clock.now())
            isArchiveFailing = false
        } catch {
            if !isArchiveFailing {
                shop.log.warning("payloads could not be kept for sending again", metadata: ["error": "\(error)"])
            }
            isArchiveFailing = true
        }
    }

    private func observe(_ attempts: [FinishedAttempt]) {
        guard !attempts.isEmpty else { return }
        do {
            try observer.observe(attempts, now: shop.clock.now())
        } catch {
            shop.log.warning("attempts were not counted for the apps' health", metadata: ["error": "\(error)"])
        }
    }

    private func notePace(_ attempts: [FinishedAttempt]) {
        guard !attempts.isEmpty else { return }
        let now = MonotonicTime.now()
        shop.pacing.withLock { pacing in
            for attempt in attempts {
                pacing.recordEnd(
                    app: attempt.entry.appID, milliseconds: attempt.result.durationMilliseconds, now: now)
            }
        }
    }

    /// False when it was given up because the worker is to end.
    private func settle(_ settlements: [Settlement]) -> Bool {
        var isRepeated = false
        return persist { () throws(RedisError) in
            defer { isRepeated = true }
            for (settlement, outcome) in zip(settlements, try queue.settle(settlements)) where outcome == .leaseLost {
                // After an answer that did not come it may be this worker that has settled it.
                if !isRepeated { report.tellLeaseLost(settlement) }
            }
        }
    }

    /// Makes room for others, and has the housekeeper wake up for what is due soon.
    private func finish(_ batch: RecordingBatch, _ settlements: [Settlement]) {
        let earliest = settlements.compactMap { settlement in
            if case .retry(_, let due, _) = settlement { due } else { nil }
        }.min()
        shop.flights.change { table in
            for item in batch.items { table.remove(item.ticket) }
            return true
        }
        shop.counts.withLock { counts in
            counts.settled += batch.items.count
            counts.attempted += batch.attempts.count
        }
        if let earliest { shop.alarm.set(earliest) }
    }
}
