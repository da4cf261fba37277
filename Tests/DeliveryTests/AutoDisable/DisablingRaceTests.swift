import Buffer
import Delivery
import Directory
import Foundation
import Model
import System
import TestSupport
import Testing

/// Two autoDisablers that see the end at once disable once.
@Suite
struct DisablingRaceTests {
    /// Each with its own connections; repeated, since a race is lost now and then only.
    @Test func oneDisablingOneMailForEachOwnerOneAuditEntry() throws {
        let fixture = try AutoDisableFixture()
        for round in 1...40 {
            let autoDisablers = try [fixture.autoDisabler(), fixture.autoDisabler()].map(Unshared.init)
            let attempts = fixture.timeouts(2)
            let errors = together(autoDisablers) { try $0.value.process(attempts, now: fixture.noon) }

            #expect(errors.isEmpty)

            #expect(try fixture.queuedMails().map(\.recipient) == ["a@example.com", "b@example.com"], "round \(round)")
            #expect(fixture.directory.auditEntries.count == 2 * round - 1)
            #expect(fixture.metrics.disabled == round)
            #expect(fixture.log.lines("sentryapp.disabled").count == round)
            let audit = AuditEntry.Draft(organizationID: 4, event: 1, actorLabel: "me", date: fixture.noon)
            #expect(try fixture.directory.enable(appID: 31, audit: audit))
            try fixture.server.command("FLUSHALL")
        }
    }
}

extension DisablingRaceTests {
    /// The same over one directory file, with a handle for each autoDisabler, as two programs have them.
    @Test func oneDisablingInAFileThatTwoProgramsWrite() throws {
        let fixture = try AutoDisableFixture()
        let file = try TemporaryDirectory()
        let path = file.file("directory.sqlite")
        try fixture.writeDirectory(to: path)
        let reader = SQLiteDirectory(path: path)
        for round in 1...25 {
            let autoDisablers = try (0..<2).map { _ in
                Unshared(value: try fixture.autoDisabler(directory: SQLiteDirectory(path: path)))
            }
            let attempts = fixture.timeouts(2)
            let errors = together(autoDisablers) { try $0.value.process(attempts, now: fixture.noon) }

            #expect(errors.isEmpty)

            #expect(try fixture.queuedMails().map(\.recipient) == ["a@example.com", "b@example.com"], "round \(round)")
            #expect(try reader.app(id: 31)?.events == [])
            #expect(try reader.document().auditEntries.count == 2 * round - 1)
            #expect(try reader.pendingNotices(limit: 10) == [])
            #expect(fixture.log.lines("sentryapp.disabled").count == round)
            let audit = AuditEntry.Draft(organizationID: 4, event: 1, actorLabel: "me", date: fixture.noon)
            #expect(try reader.enable(appID: 31, audit: audit))
            try fixture.server.command("FLUSHALL")
        }
    }
}

extension AutoDisableFixture {
    /// The same rows as the fixture's directory, in a new file.
    fileprivate func writeDirectory(to path: String) throws {
        var document = DirectoryDocument()
        document.organizations = AutoDisableFixture.organizations
        document.users = AutoDisableFixture.users
        document.memberships = AutoDisableFixture.memberships
        document.apps = [DirectoryDocument.AppEntry(app: app, dateAdded: nil, components: [])]
        document.installations = [DirectoryDocument.InstallationEntry(installation: installation, dateAdded: nil)]
        try SQLiteDirectoryWriter(path: path).importDocument(document, isReplacing: true, at: noon)
    }
}

/// Unchecked because each is handed to one thread only.
private struct Unshared: @unchecked Sendable {
    let value: AutoDisabler
}

/// Runs `body` with each value on a thread of its own, all at once, and returns what it threw. Threads and not
/// `concurrentPerform`, which may use one thread for all.
private func together<Value: Sendable>(
    _ values: [Value], _ body: @escaping @Sendable (Value) throws -> Void
) -> [String] {
    let missing = Lock(values.count)
    let errors = Lock<[String]>([])
    let ended = DispatchSemaphore(value: 0)
    for value in values {
        Thread {
            missing.withLock { $0 -= 1 }
            while missing.withLock({ $0 > 0 }) { sched_yield() }
            do { try body(value) } catch { errors.withLock { $0.append("\(error)") } }
            ended.signal()
        }.start()
    }
    for _ in values { ended.wait() }
    return errors.withLock { $0 }
}
