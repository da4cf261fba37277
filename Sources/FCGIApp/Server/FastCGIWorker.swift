import CFastCGI
import Glibc
import ProgramSupport
import System

/// The work of one thread: takes connections from the poller and responds to one request on each.
///
/// libfcgi gets a duplicate of the descriptor and no listening socket: it reads the records, while accepting, waiting,
/// deadlines and closing stay here.
final class FastCGIWorker {
    private let poller: ConnectionPoller
    private let member: WorkerPool.Member
    private let deadline: ConnectionDeadline
    private let handler: RequestHandler
    private let inputOutputSeconds: Int
    private let completed: Counter
    private let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)

    /// - Parameter completed: shared by all threads; counts connections that were served.
    init(
        poller: ConnectionPoller, member: WorkerPool.Member, deadline: ConnectionDeadline, handler: RequestHandler,
        inputOutputSeconds: Int, completed: Counter
    ) {
        self.poller = poller
        self.member = member
        self.deadline = deadline
        self.handler = handler
        self.inputOutputSeconds = inputOutputSeconds
        self.completed = completed
        // Without a listening socket FCGX_Accept_r fails at once when a connection has no complete request.
        FCGX_InitRequest(request, -1, 0)
    }

    deinit {
        FCGX_Free(request, 1)
        request.deallocate()
    }

    /// Returns when the poller is shut down.
    func run() throws(SystemCallError) {
        defer { member.leave() }
        try ThreadWait.withObserver(member, takeConnections)
    }

    private func takeConnections() throws(SystemCallError) {
        var streak = 0
        while let ready = try poller.next(member, streak: &streak) {
            member.beginRequest()
            defer { member.endRequest() }
            let connection = ready.connection
            handler.slot.read(since: ready.arrival)
            // Not from its arrival: it may have waited for a thread.
            deadline.set(connection, end: .now().adding(seconds: inputOutputSeconds))
            let mayKeep = serve(ready)
            deadline.clear()
            handler.slot.becomeIdle()
            completed.increment()
            if mayKeep, !deadline.hasPassed {
                poller.park(connection)
            } else {
                poller.close(connection)
            }
        }
    }

    /// Responds to one request; whether the connection may carry another.
    private func serve(_ ready: ReadyConnection) -> Bool {
        let connection = ready.connection
        let hasParameters =
            ready.isWhole ? readParameters(connection) : ThreadWait.announce { readParameters(connection) }
        guard hasParameters else {
            if deadline.hasPassed { logTimeout() }
            return false
        }
        let transport = FastCGITransport(
            request: request, deadline: deadline, ready: ready, inputOutputSeconds: inputOutputSeconds)
        handler.run(transport)
        let isComplete = transport.hasReadAll
        let mayKeep = isComplete && hookline_fcgi_keeps_connection(request) != 0
        // Closes the duplicate. Unlike FCGX_Finish_r it writes no records: the response ends with them already.
        FCGX_Free(request, 1)
        if !isComplete { ThreadWait.announce { connection.linger() } }
        return mayKeep
    }

    /// libfcgi 2.4 reads parameters of any number and size (the deadline bounds them), and ends the process when the
    /// lengths of one name and its value add up to 2 GiB: peers that can connect are trusted not to.
    private func readParameters(_ connection: Connection) -> Bool {
        var duplicate = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 0)
        while duplicate < 0, !deadline.hasPassed {
            poller.freeDescriptor()
            duplicate = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 0)
        }
        guard duplicate >= 0 else { return false }
        hookline_fcgi_attach(request, duplicate)
        return FCGX_Accept_r(request) == 0
    }

    private func logTimeout() {
        handler.logs.writer.write(
            LogLine(
                .warning, "connection closed: no complete request in time",
                [("seconds", .number(Int64(inputOutputSeconds)))]))
    }
}

/// A request whose parameters libfcgi has read.
private struct FastCGITransport: RequestTransport {
    /// What a socket's buffer takes at once, also of a peer that reads slowly (half of Linux' default for Unix
    /// sockets).
    private static let bufferedBytes = 100 << 10

    let request: UnsafeMutablePointer<FCGX_Request>
    let parameters: ParameterTable
    let deadline: ConnectionDeadline
    let ready: ReadyConnection
    let inputOutputSeconds: Int

    init(
        request: UnsafeMutablePointer<FCGX_Request>, deadline: ConnectionDeadline, ready: ReadyConnection,
        inputOutputSeconds: Int
    ) {
        self.request = request
        self.deadline = deadline
        self.ready = ready
        self.inputOutputSeconds = inputOutputSeconds
        parameters = Self.parameters(of: request)
    }

    var arrival: MonotonicTime { ready.arrival }
    var completion: MonotonicTime? { ready.isWhole ? ready.arrival : nil }

    private static func parameters(of request: UnsafeMutablePointer<FCGX_Request>) -> ParameterTable {
        var empty: UnsafeMutablePointer<CChar>?
        guard let block = request.pointee.envp else { return ParameterTable(block: &empty) }
        return ParameterTable(block: block)
    }

    /// Also reads the end of the input: only then may the connection carry another request.
    func readBody(count: Int) throws(RequestRefusal) -> [UInt8] {
        let (body, hasMore) =
            ready.isWhole ? readToEnd(count: count) : ThreadWait.announce { readToEnd(count: count) }
        deadline.clear()
        if deadline.hasPassed { throw .bodyTooSlow(seconds: inputOutputSeconds) }
        // HTTP/2 needs neither a length nor a transfer encoding.
        if hasMore, parameters.length(of: .contentLength) == 0 { throw .lengthRequired }
        guard body.count == count else {
            throw .bodyShorterThanAnnounced(announced: count, received: body.count)
        }
        return body
    }

    /// The body, and whether more bytes follow than were announced.
    private func readToEnd(count: Int) -> (body: [UInt8], hasMore: Bool) {
        let body = read(upTo: count)
        return (body, FCGX_GetChar(request.pointee.in) >= 0)
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

    /// Whether the input was read to its regular end.
    var hasReadAll: Bool {
        FCGX_HasSeenEOF(request.pointee.in) != 0 && FCGX_GetError(request.pointee.in) == 0
    }

    /// Sets a new deadline, for the whole response.
    func send(_ head: [UInt8], body: [UInt8]) -> Bool {
        let end = MonotonicTime.now().adding(seconds: inputOutputSeconds)
        guard !deadline.hasPassed else { return false }
        deadline.set(ready.connection, end: end)
        let records = ResponseRecords(requestID: request.pointee.requestId, descriptor: ready.connection.descriptor)
        if head.count + body.count <= Self.bufferedBytes { return records.write(head, body: body) }
        return ThreadWait.announce { records.write(head, body: body) }
    }
}
