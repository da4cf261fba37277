import Directory
import Foundation
import Model
import System
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// Disabling and enabling apps on an original's tables, with the role of `role.sql`.
@Suite struct OriginalDisablingTests {
    private static let app = OriginalFixture.appID
    private static let events = ["issue.assigned", "issue.created", "issue.ignored", "issue.resolved"]

    @Test(arguments: PostgreSQLOriginal.allCases)
    func disablingClearsTheSubscriptionsAndWritesTheOriginalsEntry(release: PostgreSQLOriginal) throws {
        let fixture = try OriginalFixture(release)

        #expect(try fixture.directory.disable(appID: Self.app, reason: "broken", audit: .disabling()))

        #expect(
            try fixture.directory.app(id: Self.app)?.disablement
                == .init(date: Timestamp(seconds: 50), reason: "broken", events: Self.events))
        #expect(try fixture.value("SELECT events FROM sentry_sentryapp WHERE id = 17") == "{}")
        if release == .release26 {
            #expect(try fixture.value("SELECT is_disabled FROM sentry_sentryapp WHERE id = 17") == "t")
        }
        #expect(
            try fixture.database.rows(
                """
                SELECT organization_id, event, actor_id, actor_label, target_object, data, extract(epoch FROM datetime)
                FROM sentry_auditlogentry
                """) == [["298", "131", nil, "Sentry", "298", #"{"name":"An app"}"#, "50.000000"]])
        #expect(
            try fixture.directory.pendingNotices(limit: 5).map(\.reason) == ["broken"])
        #expect(try !fixture.directory.disable(appID: Self.app, reason: "again", audit: .disabling()))
    }

    @Test(arguments: PostgreSQLOriginal.allCases)
    func enablingRestoresTheSubscriptionsAndLeavesTheOriginalsLogAlone(release: PostgreSQLOriginal) throws {
        let fixture = try OriginalFixture(release)
        let before = try fixture.directory.app(id: Self.app)
        #expect(try fixture.directory.disable(appID: Self.app, reason: "broken", audit: .disabling()))

        #expect(try fixture.directory.enable(appID: Self.app, audit: .enabling()))

        #expect(try fixture.directory.app(id: Self.app) == before)
        #expect(try fixture.directory.pendingNotices(limit: 5).isEmpty)
        // The original's pages fail on an event that it does not know.
        #expect(try fixture.database.rows("SELECT event FROM sentry_auditlogentry") == [["131"]])
        #expect(try fixture.directory.document().auditEntries.map(\.event) == [AuditEntry.appEnabled])
        #expect(try !fixture.directory.enable(appID: Self.app, audit: .enabling()))
    }

    @Test func subscriptionsThatWereMadeInTheMeantimeStay() throws {
        let fixture = try OriginalFixture()
        #expect(try fixture.directory.disable(appID: Self.app, reason: "broken", audit: .disabling()))
        try fixture.execute("UPDATE sentry_sentryapp SET events = '{comment.created}' WHERE id = 17")

        #expect(try fixture.directory.enable(appID: Self.app, audit: .enabling()))

        #expect(try fixture.directory.app(id: Self.app)?.events == ["comment.created"])
    }

    @Test func theOriginalsOwnMarkIsNotHooklinesAndEnablingTakesItAway() throws {
        let fixture = try OriginalFixture(.release26)
        try fixture.execute("UPDATE sentry_sentryapp SET is_disabled = true WHERE id = 17")

        let app = try fixture.directory.app(id: Self.app)
        #expect(app?.isDisabledByPlatform == true)
        #expect(app?.disablement == nil)
        #expect(app?.events == Self.events)
        #expect(try fixture.directory.enable(appID: Self.app, audit: .enabling()))

        let enabled = try fixture.directory.app(id: Self.app)
        #expect(enabled?.isDisabledByPlatform == false)
        #expect(enabled?.events == Self.events)
        #expect(try !fixture.directory.enable(appID: Self.app, audit: .enabling()))
    }

    @Test func anAppWithTheOriginalsMarkCanBeDisabledByHooklineOnce() throws {
        let fixture = try OriginalFixture(.release26)
        try fixture.execute("UPDATE sentry_sentryapp SET is_disabled = true WHERE id = 17")

        #expect(try fixture.directory.disable(appID: Self.app, reason: "broken", audit: .disabling()))
        #expect(try !fixture.directory.disable(appID: Self.app, reason: "again", audit: .disabling()))

        let app = try fixture.directory.app(id: Self.app)
        #expect(app?.disablement?.reason == "broken")
        // Hookline's own mark, which it sets in the original's table, too.
        #expect(app?.isDisabledByPlatform == false)
    }

    @Test func subscriptionsThatAreNullAreDisabledAndEnabled() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("UPDATE sentry_sentryapp SET events = NULL WHERE id = 17")

        #expect(try fixture.directory.disable(appID: Self.app, reason: "broken", audit: .disabling()))
        #expect(try fixture.directory.enable(appID: Self.app, audit: .enabling()))

        #expect(try fixture.directory.app(id: Self.app)?.events == [])
    }

    @Test func aDeletedOrUnknownAppIsNotDisabled() throws {
        let fixture = try OriginalFixture()
        try fixture.execute("UPDATE sentry_sentryapp SET date_deleted = now() WHERE id = 17")

        #expect(try !fixture.directory.disable(appID: Self.app, reason: "x", audit: .disabling()))
        #expect(try !fixture.directory.disable(appID: 999, reason: "x", audit: .disabling()))
        #expect(try !fixture.directory.enable(appID: 999, audit: .enabling()))
        #expect(try fixture.value("SELECT count(*) FROM sentry_auditlogentry") == "0")
    }

    @Test func anEntryThatTheOriginalRefusesUndoesTheDisabling() throws {
        let fixture = try OriginalFixture()
        let before = try fixture.directory.app(id: Self.app)
        var audit = AuditEntry.Draft.disabling()
        audit.actorID = 999_999

        let error = #expect(throws: DirectoryError.self) {
            try fixture.directory.disable(appID: Self.app, reason: "x", audit: audit)
        }

        guard case .conflict = error else { throw TestSupportError("\(error as Any)") }
        #expect(try fixture.directory.app(id: Self.app) == before)
        #expect(try fixture.directory.pendingNotices(limit: 1).isEmpty)
    }

    @Test func aLongLabelOfTheActorIsCutForTheOriginalsColumn() throws {
        let fixture = try OriginalFixture()
        var audit = AuditEntry.Draft.disabling()
        audit.actorLabel = String(repeating: "é", count: 100)

        #expect(try fixture.directory.disable(appID: Self.app, reason: "x", audit: audit))

        #expect(
            try fixture.value("SELECT actor_label FROM sentry_auditlogentry") == String(repeating: "é", count: 64))
    }

    @Test func ofManyThreadsOfTwoProgramsOneDisablesOneEntryOneNotice() throws {
        let fixture = try OriginalFixture()
        let directories = try (0..<2).map { _ in
            try OriginalFixture.directory(fixture.database, connectionCount: 12)
        }
        let results = Lock<[Bool?]>([])

        DispatchQueue.concurrentPerform(iterations: 24) { thread in
            let isDone = try? directories[thread % 2].disable(
                appID: Self.app, reason: "thread \(thread)", audit: .disabling())
            results.withLock { $0.append(isDone) }
        }

        #expect(results.withLock { $0.count { $0 == true } } == 1)
        #expect(results.withLock { $0.count { $0 == false } } == 23)
        #expect(try fixture.value("SELECT count(*) FROM sentry_auditlogentry") == "1")
        #expect(try fixture.directory.pendingNotices(limit: 10).count == 1)
        #expect(try fixture.directory.app(id: Self.app)?.disablement?.events == Self.events)
    }

    @Test func whatAnotherProgramDoesMeanwhileIsSeenBeforeTheAppIsDisabled() throws {
        let fixture = try OriginalFixture()
        let other = try fixture.database.connection()
        try other.execute("BEGIN")
        try other.execute("UPDATE sentry_sentryapp SET events = '{}' WHERE id = 17")
        try other.execute("INSERT INTO hookline.disabled_apps VALUES (17, now(), 'other', '{issue.created}')")
        let outcome = Lock<Result<Bool, DirectoryError>?>(nil)
        let directory = fixture.directory
        let thread = Thread {
            let result = Result { () throws(DirectoryError) in
                try directory.disable(appID: Self.app, reason: "second", audit: .disabling())
            }
            outcome.withLock { $0 = result }
        }
        thread.start()
        try waitUntil("the change waits for the row") {
            try fixture.value(
                """
                SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                """) == "1"
        }

        try other.execute("COMMIT")

        try waitUntil("the change is made or not") { outcome.withLock { $0 != nil } }
        #expect(outcome.withLock { $0 } == .success(false))
        #expect(try fixture.directory.app(id: Self.app)?.disablement?.reason == "other")
        #expect(try fixture.value("SELECT count(*) FROM sentry_auditlogentry") == "0")
    }

    @Test func aRowThatTheOriginalHoldsIsWaitedForAndThenGivenUp() throws {
        let fixture = try OriginalFixture()
        let directory = try OriginalFixture.directory(
            fixture.database, limits: .init(lock: .milliseconds(100)))
        let original = try fixture.database.connection()
        try original.execute("BEGIN")
        try original.execute("UPDATE sentry_sentryapp SET events = '{comment.created}' WHERE id = 17")

        let error = #expect(throws: DirectoryError.self) {
            try directory.disable(appID: Self.app, reason: "x", audit: .disabling())
        }

        guard case .unavailable = error else { throw TestSupportError("\(error as Any)") }
        try original.execute("COMMIT")
        #expect(try directory.disable(appID: Self.app, reason: "x", audit: .disabling()))
        #expect(try directory.app(id: Self.app)?.disablement?.events == ["comment.created"])
    }

    @Test func aNoticeIsCompletedOnceAndItsNumberIsNeverGivenAgain() throws {
        let fixture = try OriginalFixture()
        #expect(try fixture.directory.disable(appID: Self.app, reason: "first", audit: .disabling()))
        let first = try #require(try fixture.directory.pendingNotices(limit: 1).first)

        try fixture.directory.completeNotice(id: first.id)
        try fixture.directory.completeNotice(id: first.id)

        #expect(try fixture.directory.pendingNotices(limit: 1).isEmpty)
        #expect(try fixture.directory.enable(appID: Self.app, audit: .enabling()))
        #expect(try fixture.directory.disable(appID: Self.app, reason: "second", audit: .disabling()))
        #expect(try #require(try fixture.directory.pendingNotices(limit: 1).first).id > first.id)
    }
}
