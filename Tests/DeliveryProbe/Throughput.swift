import Buffer
import Delivery
import Foundation
import Logging
import Model
import Queue
import Redis
import TestSupport
import WireJSON

/// Measures how many events a worker delivers per second of processor time.
struct Throughput {
    let sender: SenderSettings
    let url: String
    let redis: RedisEndpoint
    let eventCount: Int
    let appCount: Int

    func report() throws {
        try enqueue()
        var settings = DeliveryWorkerSettings(consumer: "probe")
        settings.sender = sender
        settings.archive = ArchiveLimits()
        let redis = redis
        let worker = try DeliveryWorker(
            settings: settings, makeConnection: { RedisConnection(endpoint: redis, commandTimeout: .seconds(5)) },
            directory: directory, makeAutoDisabler: { NoAutoDisabling() }, metrics: MetricRegistry(),
            log: Logger(label: "probe") { _ in SwiftLogNoOpLogHandler() }, random: { 0.5 })
        let (start, processorTime) = (Date(), processorSeconds())
        try worker.start()
        try waitUntil("all are settled", seconds: 600) { worker.counts.attempted >= eventCount }
        let used = processorSeconds() - processorTime
        let passed = Date().timeIntervalSince(start)
        print("events", eventCount, "seconds", passed, "processor seconds", used)
        print("per second", Int(Double(eventCount) / passed), "per processor second", Int(Double(eventCount) / used))
        _ = worker.stop(within: .seconds(5))
    }

    private var directory: MemoryDirectory {
        var directory = MemoryDirectory()
        for id in 1...Int64(appCount) {
            directory.apps.append(
                SentryApp(
                    id: id, slug: "app-\(id)", name: "App", ownerID: 1, status: .published, uuid: "uuid-\(id)",
                    webhookURL: url, events: ["issue"], clientSecret: Secret("secret")))
            directory.installations.append(
                Installation(
                    id: id, appID: id, organizationID: 1, uuid: "install-\(id)", dateAdded: Timestamp(seconds: 0)))
            directory.serviceHooks.append(
                ServiceHook(id: id, installationID: id, organizationID: 1, url: "", events: ["issue.created"]))
        }
        return directory
    }

    private func enqueue() throws {
        let queue = DeliveryQueue(connection: RedisConnection(endpoint: redis, commandTimeout: .seconds(5)))
        let text = JSONValue.string(String(repeating: "x", count: 900))
        for number in 1...eventCount {
            let app = Int64(number % appCount + 1)
            let payload = QueuedEvent(
                event: "issue.created", installationUUID: "install-\(app)",
                data: .object([.init(name: "issue", value: text)]))
            let digits = String(number, radix: 16)
            let id = String(repeating: "0", count: 32 - digits.count) + digits
            _ = try queue.enqueue(
                QueueEntry(
                    id: id, appID: app, event: "issue.created", enqueuedAt: .now(), payload: payload.bytes))
        }
    }

    private func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        let times = [usage.ru_utime, usage.ru_stime]
        return times.map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }.reduce(0, +)
    }
}

/// Observes nothing.
private final class NoAutoDisabling: AutoDisabling {
    func noteGone(_ attempts: [FinishedAttempt]) throws(RedisError) -> Set<Int64> { [] }
    func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> Set<Int64> { [] }
    func completeNotices(now: Timestamp) throws(RedisError) -> Set<Int64> { [] }
}
