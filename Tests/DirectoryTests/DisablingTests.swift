import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct DisablingTests {
    @Test(arguments: DeliveryCase.allCases)
    func disablingClearsTheSubscriptionsAndKeepsThemWithAnEntryAndANotice(kind: DeliveryCase) throws {
        let subject = try kind.make()
        let directory = subject.directory
        #expect(try directory.app(id: 1)?.disablement == nil)

        let isDone = try directory.disable(appID: 1, reason: "broken", audit: .disabling())

        let disablement = SentryApp.Disablement(
            date: Timestamp(seconds: 50), reason: "broken", events: ["issue", "error"])
        #expect(isDone)
        for app in [try directory.app(id: 1), try directory.app(slug: "full"), try directory.app(proxyUserID: 4)] {
            #expect(app?.events == [])
            #expect(app?.disablement == disablement)
        }
        let entry = try #require(try subject.auditEntries().last)
        #expect(
            entry
                == AuditEntry(
                    id: 2, organizationID: 1, event: 131, actorLabel: "Sentry", targetObject: 1,
                    dataJSON: #"{"name":"Full"}"#, date: Timestamp(seconds: 50)))
        #expect(
            try directory.pendingNotices(limit: 10) == [
                DisablingNotice(id: 1, appID: 1, organizationID: 1, reason: "broken", date: Timestamp(seconds: 50))
            ])
    }

    @Test(arguments: DeliveryCase.allCases)
    func disablingAgainOrWhatIsNotThereChangesNothing(kind: DeliveryCase) throws {
        let subject = try kind.make()
        #expect(try subject.directory.disable(appID: 1, reason: "first", audit: .disabling()))

        #expect(try !subject.directory.disable(appID: 1, reason: "second", audit: .disabling(at: 99)))
        #expect(try !subject.directory.disable(appID: 3, reason: "deleted", audit: .disabling()))
        #expect(try !subject.directory.disable(appID: 99, reason: "unknown", audit: .disabling()))

        #expect(try subject.directory.app(id: 1)?.disablement?.reason == "first")
        #expect(try subject.auditEntries().count == 2)
        #expect(try subject.directory.pendingNotices(limit: 10).count == 1)
    }

    @Test(arguments: DeliveryCase.allCases)
    func enablingRestoresTheSubscriptionsAndDropsTheNotice(kind: DeliveryCase) throws {
        let subject = try kind.make()
        #expect(try subject.directory.disable(appID: 1, reason: "broken", audit: .disabling()))
        #expect(try subject.directory.app(slug: "full")?.events == [])

        let isDone = try subject.directory.enable(appID: 1, audit: .enabling())

        #expect(isDone)
        #expect(try subject.directory.app(slug: "full") == .full)
        #expect(try subject.directory.pendingNotices(limit: 10).isEmpty)
        #expect(try subject.auditEntries().map(\.event) == [131, 131, 10_131])
    }

    @Test(arguments: DeliveryCase.allCases)
    func enablingWhatIsNotDisabledChangesNothing(kind: DeliveryCase) throws {
        let subject = try kind.make()

        #expect(try !subject.directory.enable(appID: 1, audit: .enabling()))
        #expect(try !subject.directory.enable(appID: 99, audit: .enabling()))

        #expect(try subject.directory.app(id: 1) == .full)
        #expect(try subject.auditEntries().count == 1)
    }

    @Test(arguments: DeliveryCase.allCases)
    func disablingWithoutNotificationCreatesNoNotice(kind: DeliveryCase) throws {
        let subject = try kind.make()

        #expect(try subject.directory.disable(appID: 1, reason: "mine", audit: .disabling(), notifies: false))

        #expect(try subject.directory.pendingNotices(limit: 10).isEmpty)
        #expect(try subject.auditEntries().count == 2)
    }

    @Test(arguments: DeliveryCase.allCases)
    func aCompletedNoticeIsGoneAndItsNumberIsNeverGivenAgain(kind: DeliveryCase) throws {
        let subject = try kind.make()
        let directory = subject.directory
        defer { subject.keep() }
        #expect(try directory.disable(appID: 1, reason: "first", audit: .disabling()))
        try directory.completeNotice(id: 1)
        try directory.completeNotice(id: 1)
        #expect(try directory.pendingNotices(limit: 10).isEmpty)
        #expect(try directory.enable(appID: 1, audit: .enabling()))

        #expect(try directory.disable(appID: 1, reason: "second", audit: .disabling()))

        #expect(try directory.pendingNotices(limit: 10).map(\.id) == [2])
    }

    @Test(arguments: DeliveryCase.allCases)
    func noticesComeTheOldestFirstAsManyAsAskedFor(kind: DeliveryCase) throws {
        let subject = try kind.make()
        let directory = subject.directory
        defer { subject.keep() }
        #expect(try directory.disable(appID: 2, reason: "a", audit: .disabling(at: 90)))
        #expect(try directory.disable(appID: 1, reason: "b", audit: .disabling(at: 10)))

        #expect(try directory.pendingNotices(limit: 1).map(\.reason) == ["a"])
        #expect(try directory.pendingNotices(limit: 2).map(\.reason) == ["a", "b"])
        #expect(try directory.pendingNotices(limit: 0).isEmpty)
    }

    @Test func anEntryThatTheDirectoryRefusesUndoesTheDisabling() throws {
        let fixture = try DirectoryFixture()
        var audit = AuditEntry.Draft.disabling()
        audit.organizationID = 77

        let error = #expect(throws: DirectoryError.self) {
            try fixture.directory.disable(appID: 1, reason: "broken", audit: audit)
        }

        #expect(error?.description.hasPrefix("the directory refused the change") == true)
        #expect(try fixture.directory.app(id: 1) == .full)
        #expect(try fixture.directory.disable(appID: 1, reason: "broken", audit: .disabling()))
    }

    @Test func aChangeNeitherCreatesNorMigratesADirectory() throws {
        let folder = try TemporaryDirectory()
        let missing = SQLiteDirectory(path: folder.file("none.sqlite"))

        let absent = #expect(throws: DirectoryError.self) {
            try missing.disable(appID: 1, reason: "broken", audit: .disabling())
        }

        #expect(absent?.description.contains("create it with 'hookline directory import FILE'") == true)
        #expect(throws: DirectoryError.self) { try missing.check() }
    }
}
