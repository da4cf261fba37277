import Buffer
import Model
import TestSupport
import Testing

@testable import Delivery

/// A worker counts what it records.
@Suite
struct WorkerDeliveryHoursTests {
    @Test func everyAttemptIsCountedInItsHourOnce() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/status/204")
        fixture.addApp(2, "/status/503", status: .published)
        fixture.addApp(3, events: ["comment"])
        let start = Timestamp.now().seconds
        let worker = try fixture.worker()

        for _ in 0..<20 { try fixture.enqueue(app: 1) }
        try fixture.enqueue(app: 2)
        try fixture.enqueue(app: 3)
        try fixture.waitUntilEmpty()

        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
        let hours = DeliveryHours(connection: try fixture.server.workerConnection())
        let counts = try (Int64(1)...3).map { app -> DeliveryCounts in
            var sum = DeliveryCounts()
            for hour in try hours.hours(appID: app, startingIn: start - 3600..<start + 7200, now: .now()) {
                sum.add(hour.counts)
            }
            return sum
        }
        #expect(counts.map(\.succeeded) == [20, 0, 0])
        #expect(counts.map(\.failed) == [0, Int64(try fixture.rows(app: 2).count), 0])
        #expect(counts[0].durations.count == 20)
        #expect((counts[0].durations.percentile(0.95) ?? .max) < 30_000)
    }
}
