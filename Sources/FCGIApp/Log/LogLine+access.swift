import Handlers
import ProgramSupport

extension LogLine {
    /// The line that each request leaves: never a token, a cookie, a header's value or the query.
    init(access record: RequestRecord) {
        self.init(
            .info, "request",
            [
                ("method", .text(record.request.method)),
                ("path", .text(record.request.path.text)),
                ("status", .number(Int64(record.response.status))),
                ("bytes", .number(Int64(record.sentBytes))),
                ("duration_us", .number(record.phases.total)),
                ("redis_us", .number(record.phases.redis)),
                ("user", record.response.identity.map { .text($0) } ?? .none),
                ("request_id", .text(record.requestID)),
            ])
    }
}
