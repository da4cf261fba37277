import Queue
import Redis
import TestSupport
import Testing

/// Apps that are to be disabled, in a real Redis.
@Suite
struct PendingDisablingTests {
    private let server: RedisServer
    private let pending: PendingDisablings

    init() throws {
        server = try RedisServer()
        pending = PendingDisablings(connection: try server.connection())
    }

    @Test func theyAreKeptForEachAppUntilTheyAreRemoved() throws {
        let first = PendingDisabling(appID: 1, organizationID: 2, reason: "responded: 410: Gone")
        let second = PendingDisabling(appID: 2, organizationID: 2, reason: "")
        let newer = PendingDisabling(appID: 1, organizationID: 3, reason: "ä")

        try pending.add([])
        try pending.add([first, second])
        let before = try pending.all()
        try pending.add([newer])
        let found = try [1, 2, 3].map { try pending.disabling(appID: $0) }
        let removed = try [2, 2].map { try pending.remove(appID: $0) }

        #expect(found == [newer, second, nil])
        #expect(removed == [true, false])
        #expect(Set(before) == [first, second])
        #expect(try pending.all() == [newer])
    }

    @Test(arguments: [
        ("x", "1:a"), ("1", "1"), ("1", "x:a"), ("", ""), ("9223372036854775808", "1:a"), ("07", "1:a"), ("+7", "1:a"),
    ])
    func whatCannotBeDecodedIsDeletedAndAffectsNoOther(field: String, value: String) throws {
        let valid = PendingDisabling(appID: 7, organizationID: 2, reason: "a")
        try pending.add([valid])
        let connection = try RedisTestConnection(socketPath: server.socketPath)
        try connection.command(["HSET", "hookline:apps-to-disable", field, value])

        #expect(try pending.all() == [valid])
        #expect(try server.integer("HLEN", "hookline:apps-to-disable") == 1)
    }
}
