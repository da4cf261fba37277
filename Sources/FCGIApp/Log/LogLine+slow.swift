import Handlers
import ProgramSupport

extension LogLine {
    /// The line that a slow request leaves: where its time went, in microseconds; the phases add up to the duration.
    init(slow record: RequestRecord) {
        var fields: [(key: String, value: Value)] = [
            ("method", .text(record.request.method)),
            ("path", .text(record.request.path.text)),
            ("route", .text(record.response.route.text)),
            ("status", .number(Int64(record.response.status))),
            ("duration_us", .number(record.phases.total)),
        ]
        fields += record.phases.named.map { ("\($0.name)_us", .number($0.microseconds)) }
        fields.append(("user", record.response.identity.map { .text($0) } ?? .none))
        fields.append(("request_id", .text(record.requestID)))
        self.init(.warning, "slow request", fields)
    }
}
