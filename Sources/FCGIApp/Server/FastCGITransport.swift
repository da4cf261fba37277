import CFastCGI
import ProgramSupport
import System

/// A request that libfcgi has read the parameters of.
struct FastCGITransport: RequestTransport {
    /// A unix socket takes that much at once, whether its peer reads or not (Linux gives it 208 KiB). What a TCP peer with
    /// a smaller window holds up, `ConnectionPoller` relieves.
    private static let quickByteCount = 64 << 10

    let request: UnsafeMutablePointer<FCGX_Request>
    let parameters: ParameterTable
    let deadline: ConnectionDeadline
    let connection: Connection
    let member: WorkerThread
    let arrival: MonotonicTime
    let inputOutputSeconds: Int

    init(
        request: UnsafeMutablePointer<FCGX_Request>, deadline: ConnectionDeadline, connection: Connection,
        member: WorkerThread,
        arrival: MonotonicTime, inputOutputSeconds: Int
    ) {
        self.request = request
        self.deadline = deadline
        self.connection = connection
        self.member = member
        self.arrival = arrival
        self.inputOutputSeconds = inputOutputSeconds
        parameters = Self.parameters(of: request)
    }

    private static func parameters(of request: UnsafeMutablePointer<FCGX_Request>) -> ParameterTable {
        var empty: UnsafeMutablePointer<CChar>?
        guard let block = request.pointee.envp else { return ParameterTable(block: &empty) }
        return ParameterTable(block: block)
    }

    /// Reads up to the end of the input, too: only then may the connection carry another request.
    func readBody(count: Int) throws(RequestRefusal) -> [UInt8] {
        let body = read(upTo: count)
        _ = FCGX_GetChar(request.pointee.in)
        deadline.clear()
        if deadline.hasPassed { throw .bodyTooSlow(seconds: inputOutputSeconds) }
        guard body.count == count else {
            throw .bodyShorterThanAnnounced(announced: count, received: body.count)
        }
        return body
    }

    private func read(upTo count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let received = buffer.withMemoryRebound(to: CChar.self) {
                FCGX_GetStr($0.baseAddress, Int32(count), request.pointee.in)
            }
            filled = Int(max(0, received))
        }
    }

    /// Whether the peer's input was read to its regular end.
    var hasReadAll: Bool {
        guard let input = request.pointee.in else { return false }
        return input.pointee.isClosed != 0 && FCGX_GetError(input) == 0
    }

    /// The whole time for the answer begins here.
    func send(_ head: [UInt8], body: [UInt8]) -> Bool {
        let end = MonotonicTime.now().adding(seconds: inputOutputSeconds)
        guard !deadline.hasPassed else { return false }
        deadline.set(connection, end: end)
        if head.count + body.count > Self.quickByteCount { member.promoteFollower() }
        let records = ResponseRecords(requestID: request.pointee.requestId, descriptor: request.pointee.ipcFd)
        let isWritten = records.write(head, body: body)
        // The streams have nothing to add, and libfcgi shall not write the end of the request again.
        request.pointee.out.pointee.wasFCloseCalled = 1
        request.pointee.out.pointee.isClosed = 1
        return FCGX_FClose(request.pointee.err) == 0 && isWritten
    }
}
