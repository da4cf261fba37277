import Handlers
import Model
import ProgramSupport

/// What requests leave in the log.
struct RequestLogs: Sendable {
    let writer: LogWriter
    /// Nil = requests leave no line.
    var access: AccessFormat?
    /// From this duration on a request is slow, in microseconds; nil = none is.
    var slowMicroseconds: Int64?
    /// The responder's name among others.
    var pool = ""
    /// Limits the warning about users that the web server did not check.
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

    /// Says, at most once a minute, that `REMOTE_USER` came without `AUTH_TYPE` and how to mend the web server.
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
        nginx: include hookline/hookline.params instead of fastcgi_params or fastcgi.conf. Other servers: set AUTH_TYPE \
        where, and only where, the user was authenticated. See docs/security.md.
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
                    .warning, "unreadable log elements left out",
                    [("count", .number(Int64(response.skippedElements))), ("request_id", .text(requestID))]))
        }
    }
}
