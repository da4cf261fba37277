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
            let handler = RequestHandler(
                limits: configuration?.limits ?? RequestLimits(), responder: responder(board), slot: slot,
                logs: configuration?.logs(log, pool: board.pool) ?? RequestLogs(writer: log, access: .json))
            // Its transport reads bodies as a whole.
            _ = handler.run(transport)
            transport.discardUnreadBody()
        }
        return configuration == nil ? ExitStatus.wrongConfiguration : ExitStatus.success
    }

    private func responder(_ board: StatusBoard) -> Responder {
        // The settings accepted the directory's address, so that opening it does not fail.
        guard let configuration, let composition = try? Composition(configuration) else {
            return Responder(
                respond: { _, _ in Self.unconfigured }, clock: PhaseClock(), redisCounts: { RedisCounts() })
        }
        // The web server may not restrict who can read it: anyone who finds the program's own address can ask for it.
        return composition.makeResponder(board: board, servesStatusPage: configuration.servesStatusAsCGI)
    }

    /// The reasons are in the web server's log only.
    private static var unconfigured: Response {
        Response(
            status: 500, headers: [("Content-Type", "application/json")],
            body: Array(#"{"detail":"Internal Error"}"#.utf8))
    }
}

/// The one request of a plain CGI process.
final class CGITransport: RequestTransport {
    let parameters: ParameterTable
    let arrival = MonotonicTime.now()
    private let inputOutputSeconds: Int
    private var hasReadBody = false

    init(parameters: ParameterTable, inputOutputSeconds: Int) {
        self.parameters = parameters
        self.inputOutputSeconds = inputOutputSeconds
    }

    func readBody(count: Int, memoryPerByte: Int) throws(RequestRefusal) -> [UInt8]? {
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
        hasReadBody = true
        return body
    }

    /// Reads what is left of the body of a refused request. Apache passes a socket (`mod_cgid`): if it were closed with
    /// unread bytes, the kernel would discard the response too.
    func discardUnreadBody() {
        let hasBody = parameters.length(of: .contentLength) > 0 || parameters.length(of: .transferEncoding) > 0
        guard hasBody, !hasReadBody else { return }
        shutdown(STDOUT_FILENO, Int32(SHUT_WR))
        let end = MonotonicTime.now().adding(seconds: inputOutputSeconds)
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while wait(for: POLLIN, on: STDIN_FILENO, until: end) {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
        }
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
