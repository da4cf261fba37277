import Handlers
import Model
package import ProgramSupport
import Synchronization
import System

/// Writes the log lines of requests.
package struct RequestLogs: Sendable {
    package let writer: LogWriter
    /// Nil = no access log.
    var access: AccessFormat?
    /// Requests of this duration or longer are logged as slow, in microseconds; nil = none.
    var slowMicroseconds: Int64?
    /// The responder's name.
    var pool = ""
    /// Limits the warning about unauthenticated users.
    private let uncheckedUserWarning = LogInterval(microseconds: 60_000_000)

    init(writer: LogWriter, access: AccessFormat? = nil, slowMicroseconds: Int64? = nil, pool: String = "") {
        self.writer = writer
        self.access = access
        self.slowMicroseconds = slowMicroseconds
        self.pool = pool
    }

    func isSlow(_ phases: RequestPhases) -> Bool {
        slowMicroseconds.map { phases.total >= $0 } ?? false
    }

    /// Writes the lines of one request.
    func write(_ record: RequestRecord) {
        switch access {
        case .json: writer.write(LogLine(access: record))
        case .pattern(let pattern): writer.write(LogLine(plain: pattern.line(record, now: .now(), pool: pool)))
        case nil: break
        }
        if isSlow(record.phases) { writer.write(LogLine(slow: record)) }
        writeTrouble(record.response, record.requestID)
    }

    /// Warns, at most once a minute, that `REMOTE_USER` came without `AUTH_TYPE`, and how to configure the web server.
    func warnOfUncheckedUser(requestID: String) {
        guard uncheckedUserWarning.begin() else { return }
        writer.write(
            LogLine(
                .warning, "REMOTE_USER ignored: the web server passed it without AUTH_TYPE",
                [
                    ("fix", .text(Self.uncheckedUserFix)), ("request_id", .text(requestID)),
                ]))
    }

    private static let uncheckedUserFix = """
        nginx: include hookline/hookline.params instead of fastcgi_params or fastcgi.conf. Other servers: set \
        AUTH_TYPE where, and only where, the user was authenticated. See docs/security.md.
        """

    private func writeTrouble(_ response: Response, _ requestID: String) {
        if let failure = response.failure {
            writer.write(
                LogLine(
                    .error, "request failed", [("reason", .text(failure)), ("request_id", .text(requestID))]))
        }
        if response.skippedElements > 0 {
            writer.write(
                LogLine(
                    .warning, "unreadable request log entries skipped",
                    [("count", .number(Int64(response.skippedElements))), ("request_id", .text(requestID))]))
        }
    }
}

/// One completed request, for the logs and the counters.
struct RequestRecord {
    var request: Request
    var response: Response
    /// Whether the peer received the response.
    var isSent: Bool
    var phases: RequestPhases
    var requestID: String
    /// The client's address from the web server; nil when it is absent or not needed.
    var remoteAddress: String?

    /// The bytes of the response's body that were sent.
    var sentBytes: Int { isSent && !response.omitsBody ? response.body.count : 0 }
}

extension Request.Path {
    /// The path as it was received.
    var text: String {
        switch self {
        case .encoded(let text), .decoded(let text): text
        }
    }
}

extension LogLine {
    /// The access log line of a request: never a token, a cookie, a header's value or the query.
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

extension LogLine {
    /// The line of a slow request: its phases in microseconds, which add up to the duration.
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

/// Limits a log line to one in an interval, over all threads.
final class LogInterval: Sendable {
    private let microseconds: Int64
    /// When the next line may be written, on the monotonic clock in microseconds.
    private let next = Atomic<Int64>(Int64.min)

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Whether the caller may write the line now; if so, the next interval begins.
    func begin(now: MonotonicTime = .now()) -> Bool {
        let due = next.load(ordering: .relaxed)
        guard now.microseconds >= due else { return false }
        return next.compareExchange(
            expected: due, desired: now.microseconds + microseconds, ordering: .relaxed
        ).exchanged
    }
}
