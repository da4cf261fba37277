import Buffer
import Glibc
import Handlers
import ProgramSupport
import Redis
import System

/// The program as plain CGI: one request from the environment and descriptor 0, the response to descriptor 1.
struct CGIMain {
    /// Nil when it is invalid; then the response is an error.
    let configuration: Configuration?
    let log: LogWriter

    func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        guard let block = ProcessEnvironment.block else { return ExitStatus.systemError }
        let seconds = configuration?.inputOutputSeconds ?? 5
        let transport = CGITransport(parameters: ParameterTable(block: block), inputOutputSeconds: seconds)
        let board = StatusBoard(threadCount: 1, socket: nil)
        for slot in board.slots {
            slot.occupy()
            slot.read(since: transport.arrival)
            RequestHandler(
                limits: configuration?.limits ?? RequestLimits(), responder: responder(board), slot: slot,
                logs: configuration?.logs(log, pool: board.pool) ?? RequestLogs(writer: log, access: .json)
            ).run(transport)
        }
        return configuration == nil ? ExitStatus.wrongConfiguration : ExitStatus.success
    }

    private func responder(_ board: StatusBoard) -> Responder {
        guard let configuration else {
            return Responder(
                respond: { _, _ in Self.unconfigured }, clock: PhaseClock(), redisCounts: { RedisCounts() })
        }
        return Composition(configuration).makeResponder(board: board)
    }

    /// The reasons are in the web server's log only.
    private static var unconfigured: Response {
        Response(
            status: 500, headers: [("Content-Type", "application/json")],
            body: Array(#"{"detail":"Internal Error"}"#.utf8))
    }
}

/// The one request of a plain CGI process.
struct CGITransport: RequestTransport {
    let parameters: ParameterTable
    let inputOutputSeconds: Int
    let arrival = MonotonicTime.now()

    func readBody(count: Int) throws(RequestRefusal) -> [UInt8] {
        let end = MonotonicTime.now().adding(seconds: inputOutputSeconds)
        var body = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            guard wait(for: POLLIN, on: STDIN_FILENO, until: end) else {
                throw .bodyTooSlow(seconds: inputOutputSeconds)
            }
            let received = body[filled...].withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if received < 0, errno == EINTR { continue }
            guard received > 0 else { throw .bodyShorterThanAnnounced(announced: count, received: filled) }
            filled += received
        }
        return body
    }

    func send(_ head: [UInt8], body: [UInt8]) -> Bool {
        let end = MonotonicTime.now().adding(seconds: inputOutputSeconds)
        return write(head, until: end) && write(body, until: end)
    }

    /// Writes at most `PIPE_BUF` bytes at a time: a writable pipe takes them without blocking.
    private func write(_ bytes: [UInt8], until end: MonotonicTime) -> Bool {
        var remaining = bytes[...]
        while !remaining.isEmpty {
            guard wait(for: POLLOUT, on: STDOUT_FILENO, until: end) else { return false }
            let sent = remaining.prefix(Int(PIPE_BUF)).withUnsafeBytes { chunk in
                Glibc.write(STDOUT_FILENO, chunk.baseAddress, chunk.count)
            }
            if sent < 0, errno == EINTR || errno == EAGAIN { continue }
            guard sent > 0 else { return false }
            remaining = remaining.dropFirst(sent)
        }
        return true
    }

    private func wait(for event: Int32, on descriptor: Int32, until end: MonotonicTime) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            let left = (end.microseconds - MonotonicTime.now().microseconds) / 1000
            guard left > 0 else { return false }
            let count = poll(&state, 1, Int32(clamping: left))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
