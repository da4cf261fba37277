import Buffer
import Glibc
import Handlers
import ProgramSupport
import Redis

/// The program as a web server's plain CGI program: one request from the environment and descriptor 0, the answer to 1.
struct CGIMain {
    /// Nil when it is wrong; then every request is refused.
    let configuration: Configuration?
    let log: LogWriter

    func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        guard let block = ProcessEnvironment.block else { return ExitStatus.systemError }
        let seconds = configuration?.inputOutputSeconds ?? 5
        let exchange = CGITransport(parameters: ParameterTable(block: block), inputOutputSeconds: seconds)
        let board = StatusBoard(threadCount: 1, socket: nil)
        for slot in board.slots {
            slot.occupy()
            slot.read(since: exchange.arrival)
            RequestHandler(
                limits: configuration?.limits ?? RequestLimits(), responder: responder(board), slot: slot,
                logs: configuration?.logs(log, pool: board.pool) ?? RequestLogs(writer: log, access: .json)
            ).run(exchange)
        }
        return configuration == nil ? ExitStatus.wrongConfiguration : ExitStatus.success
    }

    private func responder(_ board: StatusBoard) -> Responder {
        guard let configuration else {
            return Responder(
                respond: { _ in Self.unconfigured }, clock: PhaseClock(), redisCounts: { RedisCounts() })
        }
        return Composition(configuration).makeResponder(board: board)
    }

    /// The reasons are in the web server's log; they are not the client's business.
    private static var unconfigured: Response {
        Response(
            status: 500, headers: [("Content-Type", "application/json")],
            body: Array(#"{"detail":"Internal Error"}"#.utf8))
    }
}
