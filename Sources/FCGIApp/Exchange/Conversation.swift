import Handlers
import Model
import ProgramSupport

/// Carries one request from a transport through the service and back. One value serves one thread.
struct Conversation {
    let limits: RequestLimits
    let responder: Responder
    let log: LogWriter
    let logsAccess: Bool

    /// Answers the request of `exchange`; never throws: whatever the request is, the thread goes on.
    func run(_ exchange: some Exchange) {
        let start = MonotonicTime.now()
        let redisStart = responder.redisMicroseconds()
        let requestID = RequestID.from(exchange.parameters[.requestID])
        let (request, response) = answer(exchange, requestID)
        let isSent = exchange.send(
            ResponseHead.bytes(of: response, requestID: requestID), body: response.omitsBody ? [] : response.body)
        if logsAccess {
            log.write(
                LogLine(
                    request: request, response: response, isSent: isSent, duration: start.microsecondsUntilNow,
                    redisTime: responder.redisMicroseconds() - redisStart, requestID: requestID))
        }
        logTrouble(response, requestID)
    }

    private func answer(_ exchange: some Exchange, _ requestID: String) -> (Request, Response) {
        var request = RequestHead.refused(exchange.parameters, requestID: requestID)
        do {
            let head = try RequestHead(exchange.parameters, limits: limits, requestID: requestID)
            request = head.request
            request.body = try exchange.readBody(count: head.contentLength)
            return (request, responder.respond(request))
        } catch {
            return (request, error.response(omitsBody: request.method == "HEAD"))
        }
    }

    private func logTrouble(_ response: Response, _ requestID: String) {
        if let failure = response.failure {
            log.write(
                LogLine(
                    .error, "request failed", [("reason", .text(failure)), ("request_id", .text(requestID))]))
        }
        if response.skippedElements > 0 {
            log.write(
                LogLine(
                    .warning, "unreadable log elements left out",
                    [("count", .number(Int64(response.skippedElements))), ("request_id", .text(requestID))]))
        }
    }
}
