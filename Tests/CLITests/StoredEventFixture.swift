import Model
import Queue
import TestSupport
import WireJSON

@testable import CLI

/// The events of four apps: `radar` (1, in acme), `sonar` (2, in globex), `lidar` (3, in acme; disabled), and one (9)
/// that the directory does not have.
struct StoredEventFixture {
    static let sonar = "2a485448-a9e2-4c85-8a3c-4f44175783c9"
    static let lidar = "3a485448-a9e2-4c85-8a3c-4f44175783c9"
    private static let installations = [1: CommandFixture.installation, 2: sonar, 3: lidar]

    let base: CommandFixture
    /// Event `n` was enqueued `n` minutes later.
    let start: Timestamp
    var runner: CommandRunner { base.runner }

    init() throws {
        base = try CommandFixture()
        start = Timestamp.now().truncatedToSeconds.adding(seconds: -7200)
        let outcome = try runner.hookline(
            "directory", "import", "--merge", "-",
            input: """
                {"apps": [
                  {"id": 2, "slug": "sonar", "owner_id": 2, "status": "published", "client_secret": "hush",
                   "webhook_url": "https://example.com/s"},
                  {"id": 3, "slug": "lidar", "owner_id": 1, "status": "published", "client_secret": "hush",
                   "webhook_url": "https://example.com/l"}],
                 "installations": [{"id": 2, "app_id": 2, "organization_id": 2, "uuid": "\(Self.sonar)"},
                  {"id": 3, "app_id": 3, "organization_id": 1, "uuid": "\(Self.lidar)"}]}
                """)
        guard outcome.status == 0 else { throw TestSupportError("the document: \(outcome.error)") }
        try runner.hookline("app", "disable", "lidar", "--reason", "floods")
    }

    /// Stores event `e<number>` of an app as a worker does.
    func store(
        _ number: Int, app: Int, event: String = "issue.created", failed: Bool = false, payload: [UInt8]? = nil
    ) throws {
        let archive = PayloadArchive(connection: try base.connection())
        let queued = QueuedEvent(
            event: event, installationUUID: Self.installations[app] ?? CommandFixture.installation,
            data: .object([]))
        let stored = ArchivedEvent(
            id: "e\(number)", appID: Int64(app), event: EventType(rawValue: event),
            enqueuedAt: start.adding(seconds: 60 * Int64(number)), payload: payload ?? queued.bytes)
        try archive.store([ArchiveEntry(event: stored, isError: failed, isNew: true)], now: .now())
    }

    /// The originals of what waits in the queue, in its order; takes it out.
    func originals() throws -> [String] { try base.queued().compactMap(\.entry.originalID) }
}
