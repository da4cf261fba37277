package import Buffer
import Model
package import Redis

/// A webhook request log of plain lists, read as its definition says (docs/protocol.md 1.7): concatenate, sort, truncate.
package final class MemoryRequestLog: WebhookRequestReading {
    /// Stored JSON by key, newest first.
    package var lists: [String: [String]] = [:]
    /// When set, every read fails with it.
    package var failure: RedisError?
    /// Every query asked, in order.
    package private(set) var queries: [WebhookRequestQuery] = []

    package init() {}

    /// The lists among the keys of a golden case.
    package convenience init(golden redis: [GoldenValue.Member]) {
        self.init()
        for key in redis where key.value["type"].string == "list" {
            lists[key.key] = key.value["values"].elements.compactMap(\.string)
        }
    }

    /// Puts an element in front of an event's list and, for what counts as an error, of its error list.
    package func add(_ json: String, appID: Int64, event: String, isError: Bool = false) {
        lists[MemoryRequestLog.key(appID, event, errorsOnly: false), default: []].insert(json, at: 0)
        guard isError else { return }
        lists[MemoryRequestLog.key(appID, event, errorsOnly: true), default: []].insert(json, at: 0)
    }

    package func read(_ query: WebhookRequestQuery) throws(RedisError) -> WebhookRequestPage {
        queries.append(query)
        if let failure { throw failure }

        var page = WebhookRequestPage.empty
        for (index, event) in query.events.enumerated() {
            let key = MemoryRequestLog.key(query.appID, event.rawValue, errorsOnly: query.errorsOnly)
            for element in (lists[key] ?? []).prefix(100) {
                page.append(element, eventIndex: index)
            }
        }
        if query.events.count > 1 || query.ordering == .byDate {
            page.rows = page.rows.enumerated().sorted { left, right in
                let dates = (left.element.date ?? .distantPast, right.element.date ?? .distantPast)
                return dates.0 == dates.1 ? left.offset < right.offset : dates.0 > dates.1
            }.map(\.element)
        }
        page.rows = Array(page.rows.prefix(query.limit))
        return page
    }

    private static func key(_ appID: Int64, _ event: String, errorsOnly: Bool) -> String {
        "sentry-app-webhook-\(errorsOnly ? "error" : "request"):{\(appID)}:\(event)"
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(microseconds: .min)
}

extension WebhookRequestPage {
    fileprivate mutating func append(_ element: String, eventIndex: Int) {
        guard let value = try? GoldenValue(parsing: element), let code = value["response_code"].code else {
            skippedCount += 1
            return
        }
        // Of repeated names the last counts, but of `date` the first. In the element's order, which tells its form.
        var fields: [String: WebhookRequestRow.Fragment] = [:]
        for member in value.members where member.key != "date" || fields["date"] == nil {
            fields[member.key] = store(member)
        }
        let date = value.members.first { $0.key == "date" }
        let field = { (name: String) in fields[name] ?? .absent }
        var row = WebhookRequestRow(
            eventIndex: eventIndex, date: date?.value.string.flatMap { Timestamp(parsing: $0) }, responseCode: code)
        row.dateText = field("date")
        row.responseCodeText = field("response_code")
        row.webhookURL = field("webhook_url")
        row.requestHeaders = field("request_headers")
        row.requestBody = field("request_body")
        row.responseBody = field("response_body")
        row.organizationID = field("organization_id")
        row.errorID = field("error_id")
        row.projectID = field("project_id")
        row.requestID = field("request_id")
        row.attempt = field("attempt")
        row.durationMilliseconds = field("duration_ms")
        row.reason = field("reason")
        row.reasonDetail = field("reason_detail")
        row.originalID = field("original_id")
        row.idempotencyKey = field("idempotency_key")
        row.subjectID = field("subject_id")
        row.subjectType = field("subject_type")
        row.relay = field("relay")
        row.target = field("target")
        row.webhookID = field("webhook_id")
        rows.append(row)
    }

    private mutating func store(_ member: GoldenValue.Member) -> WebhookRequestRow.Fragment {
        let lower = UInt32(bytes.count)
        bytes += Array(member.value.text.utf8)
        return WebhookRequestRow.Fragment(lower: lower, upper: UInt32(bytes.count))
    }
}

extension GoldenValue {
    fileprivate var code: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .number(let text): Double(text).map { Int($0) }
        default: nil
        }
    }
}
