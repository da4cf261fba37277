import Directory
import Model
import WireJSON

/// The fields of an app that delivery uses.
extension DirectoryDocumentReader {
    /// The longest deadline that can be asked for; the worker has narrower bounds of its own.
    private static let maximumTimeoutMilliseconds: Int64 = 600_000

    /// `webhook_headers`: texts `Name: value`. No message repeats a value.
    func headers(_ fields: ObjectReader) -> [SentryApp.CustomHeader] {
        let name = "webhook_headers"
        var names = Set<String>()
        let headers =
            fields.list(name) { element, path -> SentryApp.CustomHeader? in
                guard case .string(let text) = element else {
                    problems.report(path, "must be a string, not \(element.kind)")
                    return nil
                }
                do throws(SentryApp.CustomHeader.Problem) {
                    let header = try SentryApp.CustomHeader(parsing: text)
                    if names.insert(header.name.lowercased()).inserted { return header }
                    problems.report(path, "\(header.name) stands twice")
                } catch {
                    problems.report(path, error.description)
                }
                return nil
            } ?? []
        if headers.count > SentryApp.CustomHeader.maximumCount {
            fields.report(name, "has \(headers.count) headers, at most \(SentryApp.CustomHeader.maximumCount) may be")
        }
        let byteCount = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.exposed.utf8.count }
        if byteCount > SentryApp.CustomHeader.maximumTotalByteCount {
            fields.report(
                name, "is \(byteCount) bytes long, at most \(SentryApp.CustomHeader.maximumTotalByteCount) may be")
        }
        return headers
    }

    func webhookTimeout(_ fields: ObjectReader) -> Int? {
        guard let milliseconds = fields.integer("webhook_timeout_ms") else { return nil }
        guard (1...Self.maximumTimeoutMilliseconds).contains(milliseconds) else {
            fields.report("webhook_timeout_ms", "must be between 1 and \(Self.maximumTimeoutMilliseconds)")
            return nil
        }
        return Int(milliseconds)
    }

    /// `disabled`: when, why, and the subscriptions that enabling restores; `false` for an app that is not.
    func disablement(_ fields: ObjectReader, currentEvents: [String]) -> SentryApp.Disablement? {
        guard let value = fields.value("disabled"), value != .bool(false),
            let inner = ObjectReader(value, path: fields.path(of: "disabled"), problems: problems)
        else { return nil }
        defer { inner.finish() }
        if !currentEvents.isEmpty {
            fields.report("events", "must be empty while the app is disabled: name them in disabled.events")
        }
        let date = inner.required("date", inner.timestamp)
        let reason = inner.string("reason")
        let events = inner.words("events")
        return date.map { SentryApp.Disablement(date: $0, reason: reason ?? "", events: events ?? []) }
    }
}
