import Foundation
import TestSupport
import Testing

/// A failover behind one address that keeps the connections to the demoted server, as the shipped programs see it.
@Suite(.serialized)
struct FailoverTests {
    @Test func eventsAreAcceptedDeliveredAndRecordedAtTheNewMaster() throws {
        let (first, second) = (try RedisServer(port: freePort()), try RedisServer(port: freePort()))
        let address = try RedisProxy(first)
        let app = DeliveryFixture.App(id: 1)
        let fixture = try DeliveryFixture([app], access: (first, address.url))
        _ = try fixture.requests(fixture.send(app, "issue.created"))
        _ = try fixture.rows(app, "issue.created")
        // An entry that is settled while the replica takes over is settled only by the worker that takes it later.
        try fixture.settle()

        try second.takeOver(from: first)
        address.lead(to: second)

        // The responder's first call may still be refused.
        var ids: [String] = []
        try waitUntil("events are accepted", seconds: 20) {
            if let id = try? fixture.send(app, "issue.created") { ids.append(id) }
            return ids.count == 5
        }
        let rows = try fixture.rows(app, "issue.created", count: 6, in: second)
        #expect(Set(ids).isSubset(of: Set(rows.compactMap { $0["request_id"].string })))
        try waitUntil("everything is settled") {
            try second.integer("XLEN", "hookline:{queue:events:0}:stream") == 0
        }
        #expect(fixture.workerLog.contains("Redis is not the master"))
    }
}
