import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct DisabledImportTests {
    @Test(arguments: DirectoryCase.allCases) func aDisabledAppIsExportedAndImportedAsSuchAndCanBeEnabledElsewhere(
        kind: DirectoryCase
    ) throws {
        let fixture = try kind.make()
        #expect(try fixture.directory.disable(appID: 1, reason: "broken \u{E9}", audit: .disabling()))
        let document = try fixture.directory.document()

        let other = try kind.make(document)

        #expect(try other.directory.document() == document)
        #expect(try other.directory.app(id: 1)?.disablement?.reason == "broken \u{E9}")
        #expect(try other.directory.enable(appID: 1, audit: .enabling()))
        #expect(try other.directory.app(id: 1) == .full)
    }

    @Test(arguments: DirectoryCase.allCases, [false, true])
    func anImportThatEnablesAnAppDropsItsNoticeOneThatLeavesItDisabledDoesNot(kind: DirectoryCase, isReplacing: Bool)
        throws
    {
        let fixture = try kind.make()
        #expect(try fixture.directory.disable(appID: 1, reason: "broken", audit: .disabling()))
        #expect(try fixture.directory.disable(appID: 2, reason: "broken", audit: .disabling()))
        var document = try fixture.directory.document()
        document.apps[0].app.events = ["issue"]
        document.apps[0].app.disablement = nil

        try fixture.importDocument(document, isReplacing: isReplacing)

        #expect(try fixture.directory.app(id: 1)?.disablement == nil)
        #expect(try fixture.directory.pendingNotices(limit: 10).map(\.appID) == [2])
        #expect(try fixture.directory.pendingNotices(limit: 10).map(\.id) == [2])
    }

    @Test(arguments: DirectoryCase.allCases, [false, true])
    func anAppWhoseRowDoesNotSaySoStaysDisabledAndGetsTheRowsSubscriptionsWhenItIsEnabled(
        kind: DirectoryCase, isReplacing: Bool
    ) throws {
        let fixture = try kind.make()
        #expect(try fixture.directory.disable(appID: 1, reason: "broken", audit: .disabling()))
        var document = DirectoryDocument.sample
        document.apps[0].app.events = ["error", "issue.created"]
        for index in document.apps.indices { document.apps[index].keepsDisablement = true }

        try fixture.importDocument(document, isReplacing: isReplacing)
        try fixture.importDocument(document, isReplacing: isReplacing)

        let app = try fixture.directory.app(id: 1)
        #expect(app?.events == [])
        #expect(
            app?.disablement
                == .init(date: Timestamp(seconds: 50), reason: "broken", events: ["error", "issue.created"]))
        #expect(try fixture.directory.app(id: 2)?.disablement == nil)
        #expect(try fixture.directory.pendingNotices(limit: 10).map(\.appID) == [1])
        #expect(try fixture.directory.enable(appID: 1, audit: .enabling()))
        #expect(try fixture.directory.app(id: 1)?.events == ["error", "issue.created"])
    }

    @Test(arguments: DirectoryCase.allCases) func numbersOfNoticesGoOnAfterEverythingWasReplaced(kind: DirectoryCase)
        throws
    {
        let fixture = try kind.make()
        #expect(try fixture.directory.disable(appID: 1, reason: "broken", audit: .disabling()))
        try fixture.importDocument(.sample, isReplacing: true)
        #expect(try fixture.directory.pendingNotices(limit: 10).isEmpty)

        #expect(try fixture.directory.disable(appID: 1, reason: "broken", audit: .disabling()))

        #expect(try fixture.directory.pendingNotices(limit: 10).map(\.id) == [2])
    }

    @Test(arguments: DirectoryCase.allCases) func theHeadersOfAnAppAreReplacedWhole(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        var document = DirectoryDocument()
        document.apps = [DirectoryDocument.sample.apps[0]]
        document.apps[0].app.customHeaders = [SentryApp.CustomHeader(name: "X-Only", value: Secret("z"))]
        document.apps[0].app.webhookTimeoutMilliseconds = nil

        try fixture.importDocument(document)

        #expect(try fixture.directory.app(id: 1)?.customHeaders == document.apps[0].app.customHeaders)
        #expect(try fixture.directory.app(id: 1)?.webhookTimeoutMilliseconds == nil)
    }
}
