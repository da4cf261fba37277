import CFastCGI
import Glibc
import ProgramSupport
import ResponderSupport
import System

/// The work of one thread: takes connections from the poller and responds to one request on each.
///
/// libfcgi gets no listening socket and not the connection either: it reads the records, while accepting, waiting,
/// deadlines and closing stay here. It never waits for the peer, and never takes what follows the request: it reads a
/// pipe that holds exactly one request, or, of a request that was received in parts, the parameters from a file in
/// memory; the body is there already.
final class FastCGIWorker {
    private let poller: ConnectionPoller
    private let member: WorkerPool.Member
    private let deadline: ConnectionDeadline
    private let handler: RequestHandler
    private let inputOutputSeconds: Int
    private let memory: BodyMemory
    private let completed: Counter
    private let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
    private let pipe = RequestPipe()

    /// - Parameter completed: shared by all threads; counts connections that were served.
    init(
        poller: ConnectionPoller, member: WorkerPool.Member, deadline: ConnectionDeadline, handler: RequestHandler,
        inputOutputSeconds: Int, memory: BodyMemory, completed: Counter
    ) {
        self.poller = poller
        self.member = member
        self.deadline = deadline
        self.handler = handler
        self.inputOutputSeconds = inputOutputSeconds
        self.memory = memory
        self.completed = completed
        // Without a listening socket FCGX_Accept_r fails at once when a connection has no complete request.
        FCGX_InitRequest(request, -1, 0)
    }

    deinit {
        FCGX_Free(request, 1)
        request.deallocate()
    }

    /// What becomes of a connection after a thread has worked on it.
    private enum Outcome {
        case keep, close
        /// The peer may still send what was not read.
        case linger
        /// The body must be received first.
        case receive
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
            handler.slot.read(since: ready.beginning)
            // Not from its arrival: it may have waited for a thread.
            deadline.set(connection, end: .now().adding(seconds: inputOutputSeconds))
            let bodyBytes = ready.request.bodyBytes
            if bodyBytes > 0 { memory.take(bodyBytes * BodyMemory.bytesPerByte) }
            let outcome = serve(ready)
            deadline.clear()
            handler.slot.becomeIdle()
            if outcome == .receive, let reception = ready.reception {
                poller.park(connection, reception)
                continue
            }
            completed.increment()
            releaseMemory(of: ready)
            switch outcome {
            case .keep where !deadline.hasPassed: poller.park(connection)
            case .linger where !deadline.hasPassed: poller.linger(connection)
            case .keep, .linger, .close, .receive: poller.close(connection)
            }
        }
    }

    /// Responds to one request.
    private func serve(_ ready: ReadyConnection) -> Outcome {
        guard readParameters(ready) else { return .close }
        let transport = FastCGITransport(
            request: request, deadline: deadline, ready: ready, inputOutputSeconds: inputOutputSeconds)
        defer { release(ready) }
        guard handler.run(transport) else { return .receive }
        guard transport.hasReadAll else { return .linger }
        return hookline_fcgi_keeps_connection(request) != 0 ? .keep : .close
    }

    /// Ends libfcgi's part of a request. Unlike FCGX_Finish_r it writes no records: the response ends with them
    /// already.
    private func release(_ ready: ReadyConnection) {
        guard isPipe(ready) else { return FCGX_Free(request, 1) }
        // The last record is empty: once libfcgi has seen it, the pipe is, too.
        let isPipeEmpty = FCGX_HasSeenEOF(request.pointee.in) != 0
        // Keeps the pipe open.
        FCGX_Free(request, 0)
        hookline_fcgi_attach(request, -1)
        if !isPipeEmpty { pipe.drain() }
    }

    /// Whether libfcgi reads this request from the pipe.
    private func isPipe(_ ready: ReadyConnection) -> Bool { ready.reception == nil && pipe.isInUse }

    private func releaseMemory(of ready: ReadyConnection) {
        if let reception = ready.reception {
            reception.release()
        } else if ready.request.bodyBytes > 0 {
            memory.release(ready.request.bodyBytes * BodyMemory.bytesPerByte)
        } else {
            return
        }
        poller.grantMemory()
    }

    /// libfcgi 2.4 reads parameters of any number and size, and ends the process when the lengths of one name and its
    /// value add up to 2 GiB: peers that can connect are trusted not to.
    private func readParameters(_ ready: ReadyConnection) -> Bool {
        guard let source = source(of: ready) else { return false }
        hookline_fcgi_attach(request, source)
        guard FCGX_Accept_r(request) != 0 else { return true }
        // libfcgi has closed the descriptor.
        if isPipe(ready) { pipe.forgetReadingEnd() }
        return false
    }

    /// The descriptor that libfcgi reads; nil when there is none in time, or the connection fails.
    private func source(of ready: ReadyConnection) -> Int32? {
        if let reception = ready.reception { return descriptor { MemoryFile.make(reception.head) } }
        guard descriptor({ pipe.open() }) != nil else { return nil }
        return pipe.fill(from: ready.connection, count: ready.request.byteCount)
    }

    /// A new descriptor, as soon as there is one.
    ///
    /// - Parameter open: negative when there is none at the moment.
    private func descriptor(_ open: () -> Int32) -> Int32? {
        var descriptor = open()
        while descriptor < 0, !deadline.hasPassed {
            poller.freeDescriptor()
            descriptor = open()
        }
        return descriptor < 0 ? nil : descriptor
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
    /// Whether all of the request had arrived when the thread took it.
    private let isComplete: Bool

    init(
        request: UnsafeMutablePointer<FCGX_Request>, deadline: ConnectionDeadline, ready: ReadyConnection,
        inputOutputSeconds: Int
    ) {
        self.request = request
        self.deadline = deadline
        self.ready = ready
        self.inputOutputSeconds = inputOutputSeconds
        isComplete = ready.reception.map { $0.state == .complete } ?? true
        parameters = Self.parameters(of: request)
    }

    var arrival: MonotonicTime { ready.beginning }
    var completion: MonotonicTime? { isComplete ? ready.arrival : nil }

    private static func parameters(of request: UnsafeMutablePointer<FCGX_Request>) -> ParameterTable {
        var empty: UnsafeMutablePointer<CChar>?
        guard let block = request.pointee.envp else { return ParameterTable(block: &empty) }
        return ParameterTable(block: block)
    }

    /// Also reads the end of the input: only then may the connection carry another request.
    func readBody(count: Int, memoryPerByte: Int) throws(RequestRefusal) -> [UInt8]? {
        let body: [UInt8]
        let hasMore: Bool
        if let reception = ready.reception {
            if reception.state == .refused { throw .noMemoryForBody }
            guard
                reception.receiveBody(
                    count: count, memoryPerByte: memoryPerByte, ready.connection)
            else { return nil }
            (body, hasMore) = (reception.takeBody(), reception.hasMore)
        } else {
            (body, hasMore) = readToEnd(count: count)
        }
        deadline.clear()
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
        if let reception = ready.reception { return reception.isWhole }
        return FCGX_HasSeenEOF(request.pointee.in) != 0 && FCGX_GetError(request.pointee.in) == 0
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
