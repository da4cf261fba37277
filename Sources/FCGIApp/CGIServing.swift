import Glibc
import Handlers
import ProgramSupport

/// The program as a web server's plain CGI program: one request from the environment and descriptor 0, the answer to 1.
struct CGIServing {
    /// Nil when it is wrong; then every request is refused.
    let configuration: Configuration?
    let log: LogWriter

    func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        guard let block = ProcessEnvironment.block else { return ExitStatus.systemError }
        let seconds = configuration?.inputOutputSeconds ?? 5
        let exchange = CGIExchange(parameters: ParameterTable(block: block), inputOutputSeconds: seconds)
        Conversation(
            limits: configuration?.limits ?? RequestLimits(), responder: responder(), log: log,
            logsAccess: configuration?.logsAccess ?? true
        ).run(exchange)
        return configuration == nil ? ExitStatus.wrongConfiguration : ExitStatus.success
    }

    private func responder() -> Responder {
        guard let configuration else {
            return Responder(respond: { _ in Self.unconfigured }, redisMicroseconds: { 0 })
        }
        return Wiring(configuration).makeResponder()
    }

    /// The reasons are in the web server's log; they are not the client's business.
    private static var unconfigured: Response {
        Response(
            status: 500, headers: [("Content-Type", "application/json")],
            body: Array(#"{"detail":"Internal Error"}"#.utf8))
    }
}
