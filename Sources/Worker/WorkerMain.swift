import Buffer
import Delivery
import Glibc
import Logging
import Model
import ProgramSupport
import Redis
import System
import WebhookRules

/// The program's main loop: from its start to the end of its drain.
struct WorkerMain {
    /// How often signals are checked while serving, whatever the timeouts of Redis, in milliseconds.
    private static let waitMilliseconds = 1000
    /// The same while draining.
    private static let drainMilliseconds = 20
    /// How often the queues are looked at with `--once`, in milliseconds.
    private static let onceMilliseconds = 100
    /// Time for recording outcomes and returning events to the queue after the drain time.
    private static let graceSeconds = 10

    private let configuration: WorkerConfiguration
    private let start: ProgramStart
    private let log: LogWriter
    private let descriptors: DescriptorPlan
    /// Whether it ends when nothing is due any more.
    private let isOnce: Bool

    init(configuration: WorkerConfiguration, start: ProgramStart, log: LogWriter, isOnce: Bool = false) {
        self.isOnce = isOnce
        descriptors = DescriptorPlan(configuration)
        var configuration = configuration
        configuration.sender = descriptors.applied(to: configuration.sender)
        self.configuration = configuration
        self.start = start
        self.log = log
    }

    func run() -> Int32 {
        // A receiver that closes its connection must not end the program.
        signal(SIGPIPE, SIG_IGN)
        // Before any thread is started.
        let signals = ProcessSignals()
        let local = StartupChecks(configuration: configuration).localResult(isStarting: true)
        let problems = local.problems + configuration.process.problems() + [descriptors.problem].compactMap(\.self)
        guard problems.isEmpty else {
            return start.refuse(problems, status: ExitStatus.wrongConfiguration)
        }
        let level = configuration.logLevel
        let logger = Logger(label: ProgramName.worker.rawValue) { [log] _ in JSONLogHandler(level: level, writer: log) }
        do {
            for finding in local.warnings {
                logger.warning("started with a warning", metadata: ["reason": "\(finding)"])
            }
            return try deliver(signals, logger)
        } catch let error as FileError {
            return start.refuse([error.description], status: ExitStatus.wrongConfiguration)
        } catch {
            return start.refuse(["\(error)"], status: ExitStatus.systemError)
        }
    }

    private func deliver(_ signals: ProcessSignals, _ logger: Logger) throws -> Int32 {
        let composition = try WorkerComposition(
            configuration, directoryConnections: descriptors.directoryConnections, logger: logger)
        let dueWork = try isOnce ? DueWork(configuration, connection: configuration.stores.makeConnection()) : nil
        var supervisor = ProcessSupervisor(
            start: start, settings: configuration.process, log: log, signals: signals,
            heartbeat: ProcessSupervisor.Heartbeat(beatCount: { composition.heartbeatCount }))
        defer { supervisor.end() }
        // Every step that may fail comes before the first event is taken. The PID file is that of the service.
        if !isOnce { try supervisor.claim() }
        do {
            try composition.start()
        } catch {
            supervisor.undoClaim()
            throw error
        }
        logStart(logger)
        // The worker has no socket.
        supervisor.reportReady(isSocketTaken: true)
        let (ending, failure) =
            dueWork.map { wait(for: $0, of: composition, &supervisor) } ?? (waitForEnding(&supervisor, logger), nil)
        if let failure {
            logger.error("stopped before all due events were delivered", metadata: ["reason": "\(failure)"])
        }
        logger.info("draining", metadata: ending?.metadata ?? [:])
        let status = try drain(composition, &supervisor, after: ending ?? .stop(signal: SIGTERM), logger)
        return failure != nil ? ExitStatus.unavailable : supervisor.finalStatus(status)
    }

    /// Waits until nothing is due any more.
    ///
    /// - Returns: what ended the wait before, and why Redis cannot be used.
    private func wait(
        for dueWork: DueWork, of composition: WorkerComposition, _ supervisor: inout ProcessSupervisor
    ) -> (ending: ProcessSupervisor.Ending?, failure: String?) {
        var work = dueWork
        while true {
            if let ending = supervisor.wait(milliseconds: Self.onceMilliseconds) { return (ending, nil) }
            switch work.state(isBusy: composition.isBusy, pauseReason: composition.pauseReason) {
            case .unfinished: continue
            case .finished: return (nil, nil)
            case .failed(let reason): return (nil, reason)
            }
        }
    }

    private func logStart(_ logger: Logger) {
        if let warning = descriptors.warning {
            logger.warning("fewer webhooks at a time than HOOKLINE_CONCURRENCY", metadata: ["reason": "\(warning)"])
        }
        for warning in configuration.stores.queue.warnings {
            logger.warning("limits contradict each other", metadata: ["reason": "\(warning)"])
        }
        logger.info(
            "delivering",
            metadata: [
                "version": .string(ProgramName.version), "process": .stringConvertible(getpid()),
                "concurrency": .stringConvertible(configuration.sender.totalLimit),
                "policy": .string(configuration.policy.name.rawValue),
                "protocol": .string(configuration.plan.protocolChoice.description),
            ])
    }

    /// Logs once whether Redis responds, and hazards of its settings; otherwise waits for a signal.
    private func waitForEnding(_ supervisor: inout ProcessSupervisor, _ logger: Logger) -> ProcessSupervisor.Ending {
        let checks = StartupChecks(configuration: configuration)
        var (isWaitingLogged, isConnected) = (false, false)
        while true {
            if !isConnected {
                do throws(RedisError) {
                    let hazards = try checks.hazards(within: Self.waitMilliseconds)
                    logger.info("Redis connected")
                    for hazard in hazards {
                        logger.warning("Redis may lose events", metadata: ["reason": "\(hazard)"])
                    }
                    isConnected = true
                } catch {
                    if !isWaitingLogged { logger.warning("waiting for Redis", metadata: ["reason": "\(error)"]) }
                    isWaitingLogged = true
                }
            }
            if let ending = supervisor.wait(milliseconds: Self.waitMilliseconds) { return ending }
        }
    }

    /// Stops on another thread, so that a second signal can stop the program at once.
    private func drain(
        _ composition: WorkerComposition, _ supervisor: inout ProcessSupervisor, after ending: ProcessSupervisor.Ending,
        _ logger: Logger
    ) throws(SystemCallError) -> Int32 {
        let unsettled = Lock<Int?>(nil)
        let time = configuration.drainTime
        try PosixThread.start {
            let count = composition.stop(within: time)
            unsettled.withLock { $0 = count }
        }
        let end = MonotonicTime.now().adding(seconds: Int(time.components.seconds) + Self.graceSeconds)
        while true {
            let isOver = MonotonicTime.now() >= end
            if let count = unsettled.withLock({ $0 }), isOver || !supervisor.isReloadUnfinished() {
                return report(unsettled: count, logger)
            }
            if let signal = supervisor.waitDraining(milliseconds: Self.drainMilliseconds, after: ending) {
                logger.warning("stopped at once by a second signal", metadata: ["signal": .stringConvertible(signal)])
                return ExitStatus.signalled(signal)
            }
            guard !isOver else {
                logger.error("stopped with events not returned to the queue: the drain time was over")
                return ExitStatus.cutOff
            }
        }
    }

    private func report(unsettled: Int, _ logger: Logger) -> Int32 {
        guard unsettled == 0 else {
            logger.error(
                "stopped with events not returned to the queue", metadata: ["events": .stringConvertible(unsettled)])
            return ExitStatus.cutOff
        }
        logger.info("stopped")
        return ExitStatus.success
    }
}

extension ProcessSupervisor.Ending {
    /// For the log.
    fileprivate var metadata: Logger.Metadata {
        switch self {
        case .stop(let signal): ["signal": .stringConvertible(signal)]
        case .handedOver(let newProcess): ["successor": .stringConvertible(newProcess.process)]
        }
    }
}
