import Directory
import Glibc
import ProgramSupport
import System

/// The program as a FastCGI server.
struct ServerMain {
    /// What libfcgi's own waits may take, in milliseconds. They are not on this program's way; should libfcgi ever take one,
    /// it shall not be for its default of two seconds.
    private static let libraryTimeout = "100"

    let configuration: Configuration
    let start: ProgramStart
    let log: LogWriter

    func run() -> Int32 {
        setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", Self.libraryTimeout, 1)
        setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", Self.libraryTimeout, 1)
        // Before any thread is started.
        let signals = ProcessSignals()
        do {
            return try serve(signals)
        } catch let error as DirectoryError {
            return refuse(error.description, ExitStatus.wrongConfiguration)
        } catch let error as ListeningError {
            return refuse(
                error.description,
                error == .nothingToServe ? ExitStatus.wrongUsage : ExitStatus.wrongConfiguration)
        } catch let error as FileError {
            return refuse(error.description, ExitStatus.wrongConfiguration)
        } catch {
            return refuse("\(error)", ExitStatus.systemError)
        }
    }

    private func refuse(_ reason: String, _ status: Int32) -> Int32 {
        start.refuse([reason], status: status)
    }

    private func serve(_ signals: ProcessSignals) throws -> Int32 {
        let wiring = Composition(configuration, answers: SharedResponseCache(configuration, log: log))
        try wiring.checkDirectory()
        let opened = try SocketOpening(configuration: configuration, start: start).open()
        let board = StatusBoard(threadCount: configuration.threadCount, socket: opened.socket)
        let server: FastCGIServer
        var life: ProcessSupervisor
        do {
            server = try FastCGIServer(socket: opened.socket, options: options(board, wiring)) { beforeLongWait in
                wiring.makeResponder(board: board, beforeLongWait: beforeLongWait)
            }
            life = makeLife(server, opened.socket, signals)
            try begin(server, &life)
        } catch {
            // A start that fails leaves no file, unless it is another's.
            if !opened.isTaken { opened.socket.withdraw() }
            throw error
        }
        life.reportReady(isSocketTaken: opened.isTaken)
        defer { life.end() }
        let ending = server.run(&life, drainSeconds: configuration.drainSeconds)
        return life.finalStatus(report(ending))
    }

    /// Everything that may fail comes before the first request is taken.
    private func begin(_ server: FastCGIServer, _ life: inout ProcessSupervisor) throws {
        try life.claim()
        do throws(SystemCallError) {
            try server.start()
        } catch {
            life.undoClaim()
            throw error
        }
        logStart()
    }

    private func options(_ board: StatusBoard, _ wiring: Composition) -> FastCGIServer.Options {
        FastCGIServer.Options(
            threadCount: configuration.threadCount, inputOutputSeconds: configuration.inputOutputSeconds,
            limits: configuration.limits, logs: configuration.logs(log, pool: board.pool), board: board,
            mark: { wiring.mark }, tidy: { wiring.tidy() })
    }

    private func makeLife(
        _ server: FastCGIServer, _ socket: ListeningSocket, _ signals: ProcessSignals
    ) -> ProcessSupervisor {
        ProcessSupervisor(
            start: start, settings: configuration.process, log: log, signals: signals, heartbeat: server.pulse,
            descriptors: [socket.descriptor],
            details: InheritedSocket(socket, address: configuration.listen).text)
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

    private func report(_ ending: FastCGIServer.Ending) -> Int32 {
        switch ending {
        case .drained:
            log.write(LogLine(.info, "stopped", [("process", .number(Int64(getpid())))]))
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
