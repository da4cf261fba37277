package import Buffer
package import Model
package import Queue
package import Redis
package import System
import WireJSON

/// Selects the rows of an app's log that contain a text: in what the log has of a request, in its event's payload, or
/// in what is kept of the attempt.
package struct LogSearch {
    /// A row of the log.
    package struct Row {
        package var row: WebhookRequestRow
        /// Of the row's page.
        package var bytes: [UInt8]
        package var event: EventType
        /// Names of the organization that the request was made for.
        package var organization: [String]

        package init(_ row: WebhookRequestRow, in bytes: [UInt8], event: EventType, organization: [String] = []) {
            self.row = row
            self.bytes = bytes
            self.event = event
            self.organization = organization
        }
    }

    /// The result of a search.
    package struct Found: Hashable, Sendable {
        /// Of each row, whether it contains the text.
        package var isMatch: [Bool]
        /// The rows whose payloads were not read, because those of newer rows are too large or took too long. Only what
        /// the log has of them was searched.
        package var partlySearchedCount = 0
    }

    /// The bytes of payloads and details that one search reads: a bound of its time, and of Redis' work.
    package static let maximumBytes = 16 << 20
    /// How long one search reads them.
    package static let timeLimit = Duration.seconds(3)

    private let text: SearchText
    private let names: PlatformNames
    private let now: () -> MonotonicTime

    /// - Parameters:
    ///   - names: the platform's, which is the actor of events without one.
    ///   - now: the clock of the time limit.
    package init(_ text: SearchText, names: PlatformNames, now: @escaping () -> MonotonicTime = { .now() }) {
        self.text = text
        self.names = names
        self.now = now
    }

    /// Searches rows.
    ///
    /// - Parameters:
    ///   - rows: the newest first.
    ///   - archive: nil where payloads are not kept. Read in steps of at most 1 MiB, and one event.
    package func found(
        in rows: [Row], appID: Int64, archive: (any PayloadReading)?
    ) throws(RedisError) -> Found {
        var found = Found(isMatch: rows.map(contains))
        guard let archive else { return found }
        var ids: [String] = []
        var rowsByID: [String: [Int]] = [:]
        for (index, row) in rows.enumerated() where !found.isMatch[index] {
            guard let id = row.requestID else { continue }
            if rowsByID[id] == nil { ids.append(id) }
            rowsByID[id, default: []].append(index)
        }

        var rest = ids[...]
        var byteCount = 0
        let deadline = now().adding(Self.timeLimit)
        while !rest.isEmpty, byteCount < Self.maximumBytes, now() < deadline {
            let read = try archive.records(ids: rest, appID: appID, byteLimit: Self.maximumBytes - byteCount)
            for (id, record) in zip(rest, read.records) {
                let isInBody = isInBody(of: record)
                for index in rowsByID[id] ?? [] {
                    found.isMatch[index] = isInBody || isInDetails(of: rows[index].row.date, record)
                }
            }
            rest = rest.dropFirst(max(1, read.records.count))
            byteCount += read.byteCount
        }
        found.partlySearchedCount = rest.reduce(0) { $0 + (rowsByID[$1]?.count ?? 0) }
        return found
    }

    private func contains(_ row: Row) -> Bool {
        text.occurs(in: row.event.rawValue) || row.organization.contains { text.occurs(in: $0) }
            || row.row.contains(text, in: row.bytes)
    }

    private func isInBody(of record: ArchivedRecord) -> Bool {
        record.event?.webhookBody(names).map { text.occurs(inBody: $0) } ?? false
    }

    /// - Parameter date: of the row of the attempt.
    private func isInDetails(of date: Timestamp?, _ record: ArchivedRecord) -> Bool {
        guard let date, let details = record.attempts.first(where: { $0.date == date }) else { return false }
        return [details.url, details.reason, details.reasonDetail].contains { text.occurs(in: $0) }
            || contains(details.requestHeaders)
            || details.response.map { contains($0.headers) || text.occurs(inBody: $0.body) } ?? false
    }

    private func contains(_ list: HeaderList) -> Bool {
        list.headers.contains { text.occurs(in: $0.name) || text.occurs(in: $0.value) }
    }
}

extension LogSearch.Row {
    /// The id of the row's event; nil when it has none that the archive could have.
    fileprivate var requestID: String? {
        row.requestID.value(in: bytes)?.string.flatMap { QueueEntry.isID($0) ? $0 : nil }
    }
}
