import TestSupport

/// Rows of the log as the newest dashboard shows them (docs/protocol.md 9.4).
struct NewestDashboard {
    /// One row, open.
    struct Row: Equatable {
        enum Color: String {
            case green, yellow, red
        }

        var time: String
        var code: String
        var color: Color
        var organization: String
        var event: String
        var subject: String
        var duration: String
        var url: String
        var requestID: String
        var error: String
        var headers: String
        var requestBody: String
        var responseBody: String
    }

    static let dash = "—"

    /// The rows of a response's body; nil when one is no object.
    static func rows(_ response: GoldenValue?) -> [Row] {
        response?.elements.map(row) ?? []
    }

    private static func row(_ row: GoldenValue) -> Row {
        let code = row["responseCode"].integer
        let subject = [row["subjectType"], row["subjectId"]].compactMap(\.string)
        return Row(
            time: text(row["date"]), code: codeText(code), color: color(code ?? 0),
            organization: text(row["organization"]["name"]), event: text(row["eventType"]),
            subject: subject.count == 2 ? subject.joined(separator: " ") : dash, duration: text(row["durationMs"]),
            url: text(row["webhookUrl"]), requestID: text(row["requestId"]), error: text(row["error_id"]),
            headers: text(row["request_headers"]), requestBody: body(row["request_body"]),
            responseBody: body(row["response_body"]))
    }

    private static func codeText(_ code: Int64?) -> String {
        switch code {
        case 0: "timeout"
        case -1: "connection error"
        case .some(let code): String(code)
        case nil: dash
        }
    }

    private static func color(_ code: Int64) -> Row.Color {
        switch code {
        case 100..<300: .green
        case 300..<400: .yellow
        default: .red
        }
    }

    /// Parsed as JSON once, else as it is.
    private static func body(_ value: GoldenValue) -> String {
        guard let text = value.string else { return dash }
        return (try? GoldenValue(parsing: text))?.text ?? text
    }

    private static func text(_ value: GoldenValue) -> String {
        switch value {
        case .null: dash
        case .string(let text): text
        default: value.text
        }
    }
}
