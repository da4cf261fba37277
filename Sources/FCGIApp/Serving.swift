import Directory
import Glibc
import ProgramSupport

/// The program as a FastCGI server.
struct Serving {
    /// What libfcgi's own waits may take, in milliseconds. They are not on this program's way; should libfcgi ever take one,
    /// it shall not be for its default of two seconds.
    private static let libraryTimeout = "100"

    let configuration: Configuration
    let environment: [String: String]
    let log: LogWriter

    func run() -> Int32 {
        setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", Self.libraryTimeout, 1)
        setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", Self.libraryTimeout, 1)
        var signals = StopSignals()
        do {
            return try serve(&signals)
        } catch let error as DirectoryError {
            Console.own.printError(error.description)
            return ExitStatus.wrongConfiguration
        } catch let error as ListeningError {
            Console.own.printError(error.description)
            return error == .nothingToServe ? ExitStatus.wrongUsage : ExitStatus.wrongConfiguration
        } catch {
            Console.own.printError("\(error)")
            return ExitStatus.systemError
        }
    }

    private func serve(_ signals: inout StopSignals) throws -> Int32 {
        let wiring = Wiring(configuration, answers: SharedAnswers(configuration, log: log))
        try wiring.checkDirectory()
        let socket = try openSocket()
        // Once drained there is no file any more; a start that fails shall not leave one, either.
        defer { socket.withdraw() }
        let options = FastCGIServer.Options(
            threadCount: configuration.threadCount, inputOutputSeconds: configuration.inputOutputSeconds,
            limits: configuration.limits, logsAccess: configuration.logsAccess, log: log)
        let server = try FastCGIServer(socket: socket, options: options) { wiring.makeResponder() }
        logStart()
        return report(try server.run(&signals, drainSeconds: configuration.drainSeconds))
    }

    private func logStart() {
        let threads = Int64(configuration.threadCount)
        log.write(
            LogLine(
                .info, "serving",
                [
                    ("version", .text(ProgramName.version)), ("threads", .number(threads)),
                    ("process", .number(Int64(getpid()))),
                ]))
    }

    private func openSocket() throws(ListeningError) -> ListeningSocket {
        let own = try ListeningSocket.open(
            configuration.listen, mode: configuration.socketMode, group: configuration.socketGroup)
        if let own { return own }
        return try Invocation(environment: environment).inheritedSocket()
    }

    private func report(_ ending: FastCGIServer.Ending) -> Int32 {
        switch ending {
        case .drained:
            log.write(LogLine(.info, "stopped", []))
            return ExitStatus.success
        case .cutOff(let connections):
            log.write(
                LogLine(
                    .error, "stopped with requests unanswered: the drain time was over",
                    [("connections", .number(Int64(connections)))]))
            return ExitStatus.cutOff
        case .interrupted(let signal):
            log.write(
                LogLine(.warning, "stopped at once by a second signal", [("signal", .number(Int64(signal)))]))
            return ExitStatus.signalled(signal)
        }
    }
}
