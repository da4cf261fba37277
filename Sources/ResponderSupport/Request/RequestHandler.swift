import Handlers
import Model
import ProgramSupport
import Redis
package import System

/// Takes one request from a transport through the service and sends the response. One value serves one thread.
package struct RequestHandler {
    let limits: RequestLimits
    let responder: Responder
    /// The thread's slot on the status board.
    package let slot: ThreadSlot
    let logs: RequestLogs

    package init(limits: RequestLimits, responder: Responder, slot: ThreadSlot, logs: RequestLogs) {
        self.limits = limits
        self.responder = responder
        self.slot = slot
        self.logs = logs
    }

    /// Responds to the request of `transport`. Never throws: no request ends the thread.
    ///
    /// - Returns: false when its body must be received first.
    package func run(_ transport: some RequestTransport) -> Bool {
        let parameters = transport.parameters
        let requestID = RequestID.from(parameters.bytes(of: .requestID))
        let remoteAddress = logs.access?.needsRemoteAddress == true ? parameters[.remoteAddress] : nil
        guard let (request, response) = response(to: transport, parameters, requestID) else { return false }
        responder.clock.completeResponse()
        slot.end(user: response.identity)
        let isSent = transport.send(
            ResponseHead.bytes(of: response, requestID: requestID), body: response.omitsBody ? [] : response.body)
        let record = RequestRecord(
            request: request, response: response, isSent: isSent,
            phases: responder.clock.phases(since: transport.arrival), requestID: requestID,
            remoteAddress: remoteAddress)
        slot.count(record, isSlow: logs.isSlow(record.phases), redis: responder.redisCounts())
        logs.write(record)
        return true
    }

    /// Nil when the body must be received first.
    private func response(
        to transport: some RequestTransport, _ parameters: ParameterTable, _ requestID: String
    ) -> (Request, Response)? {
        let head: RequestHead
        do {
            head = try RequestHead(
                parameters, limits: limits, requestID: requestID, readsSessions: responder.readsSessions)
        } catch {
            return refuse(RequestHead.refused(parameters, requestID: requestID), error)
        }
        let request: Request
        do {
            guard let complete = try complete(head, by: transport) else { return nil }
            request = complete
        } catch {
            return refuse(head.request, error)
        }
        if head.hasUncheckedUser { logs.warnOfUncheckedUser(requestID: requestID) }
        begin(request)
        return (request, responder.respond(request, transport.completion ?? .now()))
    }

    /// The request with its body; without it where the body is longer than what responds to the request reads.
    private func complete(
        _ head: RequestHead, by transport: some RequestTransport
    ) throws(RequestRefusal) -> Request? {
        let count = head.contentLength
        // One import at a time is parsed, so each takes just what it is.
        let isImport = count > limits.bodyBytes && count <= limits.importBytes && responder.isImport(head.request)
        guard count <= limits.bodyBytes || isImport else { throw .bodyTooLong(limit: limits.bodyBytes) }
        if count > Service.smallBodyBytes, count > responder.bodyLimit(head.request) {
            return head.request.withoutBody(byteCount: count)
        }
        return try transport.readBody(
            count: count, memoryPerByte: isImport ? BodyMemory.bytesPerImportedByte : BodyMemory.bytesPerByte
        ).map { head.request.with(body: $0) }
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

/// A connection with one request: reads its parameters and body, and sends the response.
package protocol RequestTransport {
    var parameters: ParameterTable { get }
    /// When the request's first byte arrived.
    var arrival: MonotonicTime { get }
    /// When all of the request had arrived, if it had before it was read.
    var completion: MonotonicTime? { get }

    /// Reads the request's body; nil when it must be received first.
    ///
    /// - Parameters:
    ///   - count: the announced length in bytes.
    ///   - memoryPerByte: what each byte counts in `BodyMemory`.
    func readBody(count: Int, memoryPerByte: Int) throws(RequestRefusal) -> [UInt8]?

    /// Sends the whole response; returns whether the peer received it.
    func send(_ head: [UInt8], body: [UInt8]) -> Bool
}

extension RequestTransport {
    package var completion: MonotonicTime? { nil }
}

/// What one thread responds to requests with.
package struct Responder {
    /// Gets the time when the request was complete, too.
    let respond: (Request, MonotonicTime) -> Response
    /// Read after `respond`, which records when the caller was identified.
    let clock: PhaseClock
    /// Failures on this thread's connection to Redis so far.
    let redisCounts: () -> RedisCounts
    /// The longest body that is read to respond to a request with this head.
    var bodyLimit: (Request) -> Int = { _ in .max }
    /// Whether a request with this head imports a directory document, whose limit is one of its own.
    var isImport: (Request) -> Bool = { _ in false }
    /// Whether it recognizes sessions, and needs the headers of them.
    var readsSessions = false
}
