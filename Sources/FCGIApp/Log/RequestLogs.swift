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
