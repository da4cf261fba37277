import Model
import Queue
import System
import WebhookRules
import WireJSON

/// What is kept of an event's attempts, for `hookline event show --details`.
struct AttemptReport {
    private let id: String
    private let record: ArchivedRecord
    private let requestBody: [UInt8]?
    private let bodyLimit: Int

    init(_ record: ArchivedRecord, of id: String) throws(CommandFailure) {
        self.id = id
        self.record = record
        let settings = CommandDeliverySettings()
        bodyLimit = try settings.detailsBytes()
        let names = try settings.platformNames()
        requestBody = record.attempts.isEmpty ? nil : record.event.flatMap { $0.webhookBody(names) }
    }

    /// The human-readable form, newest first.
    var text: String {
        let attempts = record.attempts.map(text).joined(separator: "\n")
        var text = attempts.isEmpty ? "No details of attempts are kept.\n" : attempts
        if !record.redeliveries.isEmpty {
            var table = TextTable(header: ["REDELIVERY", "TIME"])
            for redelivery in sortedRedeliveries {
                table.append([redelivery.id, redelivery.date.truncatedToSeconds.iso8601Description])
            }
            text += "\n" + table.text
        }
        return text
    }

    private func text(_ details: AttemptDetails) -> String {
        let time = details.date.truncatedToSeconds.iso8601Description
        var text = "Attempt \(details.attempt), \(time): " + line("POST \(details.url)")
        text += message(
            details.requestHeaders, requestBody.map { CutText.prefix($0, byteCount: bodyLimit) },
            isCut: (requestBody?.count ?? 0) > bodyLimit)
        guard let response = details.response else {
            return text + line("No response" + (details.reason.map { ": \($0)" } ?? ""))
        }
        return text + line("Response: \(response.status)")
            + message(response.headers, response.shownBody, isCut: response.isBodyCut)
    }

    private func message(_ list: HeaderList, _ body: ArraySlice<UInt8>?, isCut: Bool) -> String {
        var text = list.headers.map { line("  \($0.name): \($0.value)") }.joined()
        if list.isCut { text += line("  (more headers are not kept)") }
        guard let body else { return text + "\n  (the body is not kept)\n\n" }
        if !body.isEmpty { text += "\n" + String(decoding: body, as: UTF8.self) + "\n" }
        if isCut { text += "(the rest of the body is not kept)\n" }
        return text + "\n"
    }

    private func line(_ text: String) -> String { TerminalText.escaped(text) + "\n" }

    /// The rows of the log with `request` and `response` where they are kept, and the attempts that only the archive
    /// knows, newest first.
    func json(_ attempts: AttemptList) -> JSONValue {
        var objects = attempts.objects.map { date, row in (date: date, json: extended(row, date)) }
        let logged = Set(objects.filter { $0.json["request_id"]?.string == id }.compactMap(\.date))
        for details in record.attempts where !logged.contains(details.date) {
            objects.append((details.date, json(details)))
        }
        let dates = objects.map { $0.date?.microseconds ?? .min }
        return .array(objects.indices.sorted { (dates[$1], $0) < (dates[$0], $1) }.map { objects[$0].json })
    }

    private func extended(_ row: JSONValue, _ date: Timestamp?) -> JSONValue {
        guard case .object(let members) = row, row["request_id"]?.string == id,
            let details = record.attempts.first(where: { $0.date == date })
        else { return row }
        return .object(members + self.members(details))
    }

    private func json(_ details: AttemptDetails) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "event_type", value: record.event.map { .string($0.event.rawValue) } ?? .null),
            .init(name: "date", value: .string(details.date.pythonDescription)),
            .init(name: "response_code", value: .number(String(details.code))),
            .init(name: "webhook_url", value: .string(details.url)),
            .init(name: "request_id", value: .string(id)),
            .init(name: "attempt", value: .number(String(details.attempt))),
        ]
        if let duration = details.durationMilliseconds {
            members.append(.init(name: "duration_ms", value: .number(String(duration))))
        }
        if let reason = details.reason { members.append(.init(name: "reason", value: .string(reason))) }
        if let detail = details.reasonDetail { members.append(.init(name: "reason_detail", value: .string(detail))) }
        return .object(members + self.members(details))
    }

    /// `request` and `response`, as the API has them.
    private func members(_ details: AttemptDetails) -> [JSONValue.Member] {
        details.jsonMembers(requestBody: requestBody, bodyLimit: bodyLimit)
    }

    /// The redeliveries that the archive knows, newest first.
    var redeliveries: JSONValue {
        .array(
            sortedRedeliveries.map { redelivery in
                .object([
                    .init(name: "id", value: .string(redelivery.id)),
                    .init(name: "date", value: .string(redelivery.date.pythonDescription)),
                ])
            })
    }

    private var sortedRedeliveries: [ArchivedRecord.Redelivery] {
        record.redeliveries.sorted { ($1.date, $1.id) < ($0.date, $0.id) }
    }
}
