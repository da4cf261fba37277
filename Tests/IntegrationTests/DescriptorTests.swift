import TestSupport
import Testing

/// A low limit of file descriptors, as a container or a shell may have it.
@Suite(.serialized)
struct DescriptorTests {
    @Test func aWorkerWithFewDescriptorsDeliversAndRecordsEverything() throws {
        let apps = (1...5).map { DeliveryFixture.App(id: $0) }
        let fixture = try DeliveryFixture(apps, descriptorLimit: 44)
        for _ in 0..<20 { for app in apps { _ = try fixture.send(app, "issue.created") } }

        for app in apps { #expect(try fixture.rows(app, "issue.created", count: 20).count == 20) }

        try fixture.settle()
        #expect(fixture.receiver.received.count == 100)
        #expect(fixture.workerLog.contains("fewer webhooks at a time than HOOKLINE_CONCURRENCY"))
        #expect(!fixture.workerLog.contains("Too many open files"))
    }
}
