import Buffer
import Model
import Queue
import Redis
import System
import TestSupport
import Testing
import WireJSON

@testable import WebhookRules

/// How long a search reads payloads.
@Suite
struct LogSearchTimeTests {
    private let start = MonotonicTime.now()

    /// An archive that reads one payload a second.
    private final class SlowArchive: PayloadReading {
        let payloads = MemoryPayloads()
        private(set) var seconds = 0

        func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent? {
            try payloads.event(id: id, appID: appID)
        }

        func record(id: String, appID: Int64) throws(RedisError) -> ArchivedRecord {
            try payloads.record(id: id, appID: appID)
        }

        func records(
            ids: ArraySlice<String>, appID: Int64, byteLimit: Int
        ) throws(RedisError) -> (records: [ArchivedRecord], byteCount: Int) {
            seconds += 1
            return try payloads.records(ids: ids.prefix(1), appID: appID, byteLimit: byteLimit)
        }

        func count(_ query: ArchiveQuery, now: Timestamp) throws(RedisError) -> Int {
            try payloads.count(query, now: now)
        }
    }

    @Test func aSearchEndsWhenItsTimeIsOver() throws {
        let archive = SlowArchive()
        let count = Int(LogSearch.timeLimit.components.seconds) + 2
        let event = QueuedEvent(
            event: "issue.created", installationUUID: "u", projectID: nil,
            data: .object([.init(name: "title", value: .string("needle"))]))
        let log = MemoryRequestLog()
        for number in (0..<count).reversed() {
            let id = String(repeating: "a", count: 28) + String(1000 + number)
            archive.payloads.events.append(
                ArchivedEvent(
                    id: id, appID: 1, event: "issue.created", enqueuedAt: Timestamp(seconds: 0), payload: event.bytes))
            log.add(
                #"{"date":"2026-01-02 00:00:00+00:00","response_code":200,"webhook_url":"u","request_id":"\#(id)"}"#,
                appID: 1, event: "issue.created")
        }
        let page = try log.read(WebhookRequestQuery(appID: 1, events: ["issue.created"], limit: .max))
        let bytes = page.bytes
        let rows = page.rows.map { LogSearch.Row($0, in: bytes, event: "issue.created") }
        let search = LogSearch(try #require(SearchText("needle")), names: PlatformNames()) { [start] in
            start.adding(.seconds(archive.seconds))
        }

        let found = try search.found(in: rows, appID: 1, archive: archive)

        #expect(found.isMatch == (0..<count).map { $0 < count - 2 })
        #expect(found.partlySearchedCount == 2)
        #expect(archive.seconds == count - 2)
    }
}
