import Buffer
import Model
import WireJSON

/// Rows of the request log as they are shown: cells of a table, JSON, values of CSV.
struct RequestListing {
    let page: WebhookRequestPage
    /// The events of the page's query.
    let events: [EventType]

    /// Says on standard error how many entries could not be read.
    static func reportSkipped(_ page: WebhookRequestPage) {
        guard page.skippedCount > 0 else { return }
        StandardStreams.error.write("hookline: skipped \(page.skippedCount.counted("invalid entry"))\n")
    }

    /// The columns of a table.
    static let header = ["TIME", "CODE", "EVENT", "URL", "ATTEMPT", "MS", "ID"]

    /// The cells of each row of a table.
    var cells: [[String]] {
        page.rows.map { row in
            let time = row.date?.truncatedToSeconds.iso8601Description ?? "-"
            let reason = string(row.reason).map { " (\($0))" } ?? ""
            let redelivered = string(row.originalID).map { " (redelivery of \($0))" } ?? ""
            return [
                time, "\(row.responseCode)\(reason)", events[row.eventIndex].rawValue + redelivered,
                (string(row.target).map { "\($0): " } ?? "") + (string(row.webhookURL) ?? "-"),
                number(row.attempt) ?? "-", number(row.durationMilliseconds) ?? "-",
                string(row.requestID) ?? "-",
            ]
        }
    }

    /// The names of the values of a row in CSV, which are those of the JSON.
    static let names = [
        "date", "response_code", "reason", "reason_detail", "event_type", "webhook_url", "attempt", "duration_ms",
        "request_id", "original_id", "target", "webhook_id",
    ]

    /// The values of each row in CSV; empty where a row has none.
    var values: [[String]] {
        page.rows.map { row in
            [
                row.date?.iso8601Description, String(row.responseCode), string(row.reason), string(row.reasonDetail),
                events[row.eventIndex].rawValue, string(row.webhookURL), number(row.attempt),
                number(row.durationMilliseconds), string(row.requestID), string(row.originalID),
                string(row.target), string(row.webhookID),
            ].map { $0 ?? "" }
        }
    }

    /// One JSON object per line, the stored values unchanged.
    var jsonLines: String {
        var output: [UInt8] = []
        for row in page.rows { append(row, to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    private func append(_ row: WebhookRequestRow, to output: inout [UInt8]) {
        output.append(contentsOf: "{\"event_type\":".utf8)
        JSONText.append(events[row.eventIndex].rawValue, escaping: .unicode, to: &output)
        let fields: [(String, WebhookRequestRow.Fragment)] = [
            ("date", row.dateText), ("response_code", row.responseCodeText), ("webhook_url", row.webhookURL),
            ("request_headers", row.requestHeaders), ("response_body", row.responseBody),
            ("request_body", row.requestBody), ("organization_id", row.organizationID), ("error_id", row.errorID),
            ("project_id", row.projectID), ("request_id", row.requestID), ("attempt", row.attempt),
            ("idempotency_key", row.idempotencyKey), ("subject_id", row.subjectID), ("subject_type", row.subjectType),
            ("duration_ms", row.durationMilliseconds), ("reason", row.reason),
            ("reason_detail", row.reasonDetail), ("original_id", row.originalID),
            ("relay", row.relay), ("target", row.target), ("webhook_id", row.webhookID),
        ]
        for (name, fragment) in fields where fragment.isPresent {
            output.append(contentsOf: ",\"\(name)\":".utf8)
            output.append(contentsOf: page.bytes[fragment.range])
        }
        output.append(contentsOf: "}\n".utf8)
    }

    /// A stored number; nil when it is absent.
    private func number(_ fragment: WebhookRequestRow.Fragment) -> String? {
        fragment.isPresent ? String(decoding: page.bytes[fragment.range], as: UTF8.self) : nil
    }

    /// A stored string; nil when it is absent or not a string.
    private func string(_ fragment: WebhookRequestRow.Fragment) -> String? {
        guard fragment.isPresent, let value = try? JSONValue(parsing: Array(page.bytes[fragment.range])),
            case .string(let text) = value
        else { return nil }
        return text
    }
}
