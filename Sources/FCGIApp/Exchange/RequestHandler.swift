import Handlers
import Model
import ProgramSupport

/// Carries one request from a transport through the service and back. One value serves one thread.
struct RequestHandler {
    let limits: RequestLimits
    let responder: Responder
    /// The thread's own.
    let slot: ThreadSlot
    let logs: RequestLogs

    /// Answers the request of `exchange`; never throws: whatever the request is, the thread goes on.
    func run(_ exchange: some RequestTransport) {
        let parameters = exchange.parameters
        let requestID = RequestID.from(parameters.bytes(of: .requestID))
        let remoteAddress = logs.access?.needsRemoteAddress == true ? parameters[.remoteAddress] : nil
        let (request, response) = answer(exchange, parameters, requestID)
        responder.clock.completeAnswer()
        slot.end(user: response.identity)
        let isSent = exchange.send(
            ResponseHead.bytes(of: response, requestID: requestID), body: response.omitsBody ? [] : response.body)
        let record = RequestRecord(
            request: request, response: response, isSent: isSent,
            phases: responder.clock.phases(since: exchange.arrival), requestID: requestID,
            remoteAddress: remoteAddress)
        slot.count(record, isSlow: logs.isSlow(record.phases), redis: responder.redisCounts())
        logs.write(record)
    }

    private func answer(
        _ exchange: some RequestTransport, _ parameters: ParameterTable, _ requestID: String
    ) -> (Request, Response) {
        let head: RequestHead
        do {
            head = try RequestHead(parameters, limits: limits, requestID: requestID)
        } catch {
            return refuse(RequestHead.refused(parameters, requestID: requestID), error)
        }
        if head.hasUncheckedUser { logs.warnOfUncheckedUser(requestID: requestID) }
        let request: Request
        do {
            request = head.request.with(body: try exchange.readBody(count: head.contentLength))
        } catch {
            return refuse(head.request, error)
        }
        begin(request)
        return (request, responder.respond(request))
    }

    private func refuse(_ request: Request, _ refusal: RequestRefusal) -> (Request, Response) {
        begin(request)
        return (request, refusal.response(omitsBody: request.method == "HEAD"))
    }

    private func begin(_ request: Request) {
        responder.clock.completeRequest()
        slot.run(request)
    }
}
