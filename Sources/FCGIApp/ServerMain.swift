import Directory
import Glibc
import Model
import ProgramSupport
import Redis
import ResponderSupport
import System

/// The program as a FastCGI server.
struct ServerMain {
    /// Limit of libfcgi's internal waits, in milliseconds; its default is two seconds. This program avoids them anyway.
    private static let libraryTimeout = "100"

    private let configuration: Configuration
    private let start: ProgramStart
    private let log: LogWriter
    private let descriptors: DescriptorBudget

    init(configuration: Configuration, start: ProgramStart, log: LogWriter) {
        descriptors = DescriptorBudget(threadCount: configuration.threadCount)
        var configuration = configuration
        configuration.threadCount = descriptors.threadCount
        self.configuration = configuration
        self.start = start
        self.log = log
    }

    func run() -> Int32 {
        if let problem = descriptors.problem { return refuse(problem, ExitStatus.wrongConfiguration) }
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
        // One thread is left for requests that need no Redis.
        let redisState = RedisServerState(waiterLimit: configuration.threadCount - 1)
        let composition = try Composition(
            configuration, responseCache: SharedResponseCache(configuration, redisState: redisState, log: log),
            redisState: redisState)
        let monitor = configuration.stores.makeMonitor(redisState) { [log] in log.write(LogLine($0)) }
        defer { monitor.stop() }
        let check = composition.checkDirectory()
        guard check.problems.isEmpty else {
            return start.refuse(check.problems, status: ExitStatus.wrongConfiguration)
        }
        let opened = try SocketOpening(configuration: configuration, start: start).open()
        let board = StatusBoard(threadCount: configuration.threadCount, socket: opened.socket.descriptor)
        let server: FastCGIServer
        var supervisor: ProcessSupervisor
        do {
            server = try FastCGIServer(socket: opened.socket, options: options(board, composition)) {
                composition.makeResponder(board: board)
            }
            supervisor = makeSupervisor(server, opened.socket, signals)
            try begin(server, monitor, &supervisor)
            logStart(check.warnings)
        } catch {
            // A failed start leaves no socket file, unless the old process still serves on it.
            if !opened.isTaken { opened.socket.withdraw() }
            throw error
        }
        supervisor.reportReady(isSocketTaken: opened.isTaken)
        defer { supervisor.end() }
        let ending = server.run(&supervisor, drainSeconds: configuration.drainSeconds)
        return supervisor.finalStatus(report(ending, hasFailed: server.hasFailed))
    }

    /// Everything that may fail happens before the first request is accepted.
    private func begin(
        _ server: FastCGIServer, _ monitor: RedisMonitor, _ supervisor: inout ProcessSupervisor
    ) throws {
        try supervisor.claim()
        do throws(SystemCallError) {
            try monitor.start()
            try server.start()
        } catch {
            supervisor.undoClaim()
            throw error
        }
    }

    private func options(_ board: StatusBoard, _ composition: Composition) -> FastCGIServer.Options {
        let bodyMemory = BodyMemory(limit: configuration.bodyMemoryBytes)
        return FastCGIServer.Options(
            threadCount: configuration.threadCount, inputOutputSeconds: configuration.inputOutputSeconds,
            limits: configuration.limits, bodyMemory: bodyMemory, logs: configuration.logs(log, pool: board.pool),
            board: board, trimMemory: { composition.trimMemory(bodyMemory) })
    }

    private func makeSupervisor(
        _ server: FastCGIServer, _ socket: ListeningSocket, _ signals: ProcessSignals
    ) -> ProcessSupervisor {
        ProcessSupervisor(
            start: start, settings: configuration.process, log: log, signals: signals, heartbeat: server.heartbeat,
            descriptors: [socket.descriptor],
            details: InheritedSocket(socket, address: configuration.listen).description)
    }

    private func logStart(_ findings: [String]) {
        for finding in findings {
            log.write(LogLine(.warning, "started with a warning", [("reason", .text(finding))]))
        }
        if let warning = descriptors.warning {
            log.write(LogLine(.warning, "fewer threads than HOOKLINE_THREADS", [("reason", .text(warning))]))
        }
        for warning in configuration.warnings {
            log.write(LogLine(.warning, "limits contradict each other", [("reason", .text(warning))]))
        }
        let threads = Int64(configuration.threadCount)
        log.write(
            LogLine(
                .info, "serving",
                [
                    ("version", .text(ProgramName.version)), ("threads", .number(threads)),
                    ("process", .number(Int64(getpid()))),
                    ("protocol", .text(configuration.identity.protocolSettings.choice.description)),
                ]))
    }

    private func report(_ ending: FastCGIServer.Ending, hasFailed: Bool) -> Int32 {
        switch ending {
        case .drained:
            log.write(LogLine(.info, "stopped", [("process", .number(Int64(getpid())))]))
            return hasFailed ? ExitStatus.systemError : ExitStatus.success
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

extension LogLine {
    /// What a monitor of Redis has to say.
    init(_ event: RedisMonitor.Event) {
        let fields = event.detail.map { [(key: $0.key, value: LogLine.Value.text($0.value))] } ?? []
        self.init(event.isFault ? .error : .notice, event.message, fields)
    }
}
