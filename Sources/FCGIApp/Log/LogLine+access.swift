import Handlers
import ProgramSupport

extension LogLine {
    /// The line that each request leaves: never a token, a cookie, a header's value or the query.
    ///
    /// - Parameters:
    ///   - isSent: whether the peer took the answer; `bytes` is 0 if not.
    ///   - duration: microseconds from the complete parameters to the answer's last byte.
    ///   - redisTime: the part of it spent waiting for Redis.
    init(
        request: Request, response: Response, isSent: Bool, duration: Int64, redisTime: Int64, requestID: String
    ) {
        let sentBytes = isSent && !response.omitsBody ? response.body.count : 0
        self.init(
            .info, "request",
            [
                ("method", .text(request.method)),
                ("path", .text(request.path.text)),
                ("status", .number(Int64(response.status))),
                ("bytes", .number(Int64(sentBytes))),
                ("duration_us", .number(duration)),
                ("redis_us", .number(redisTime)),
                ("user", response.identity.map { .text($0) } ?? .none),
                ("request_id", .text(requestID)),
            ])
    }
}

extension Request.Path {
    /// As it came.
    fileprivate var text: String {
        switch self {
        case .encoded(let text), .decoded(let text): text
        }
    }
}
