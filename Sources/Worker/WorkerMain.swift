import Buffer
import Delivery
import Glibc
import Logging
import Model
import ProgramSupport
import Redis
import System

/// The program as it delivers: from the start to the end of its drain.
struct WorkerMain {
    /// How often signals are looked for while Redis is awaited - whatever its settings are -, and while the drain goes on.
    private static let waitMilliseconds = 1000
    private static let drainMilliseconds = 20
    /// What recording and putting back may take on top of the drain time.
    private static let graceSeconds = 10

    let configuration: WorkerConfiguration
    let start: ProgramStart
    let log: LogWriter

    func run() -> Int32 {
        // A receiver that closes its connection must not end the program.
        signal(SIGPIPE, SIG_IGN)
        // Before any thread is started.
        let signals = ProcessSignals()
        let problems = WorkerChecks(configuration: configuration).localProblems()
        guard problems.isEmpty else {
            return start.refuse(problems, console: .own, status: ExitStatus.wrongConfiguration)
        }
        let level = configuration.logLevel
        let logger = Logger(label: ProgramName.worker.rawValue) { [log] _ in JSONLogHandler(level: level, writer: log) }
        do {
            return try deliver(signals, logger)
        } catch let error as PIDFile.Failure {
            return start.refuse([error.description], console: .own, status: ExitStatus.wrongConfiguration)
        } catch {
            return start.refuse(["\(error)"], console: .own, status: ExitStatus.systemError)
        }
    }

    private func deliver(_ signals: ProcessSignals, _ logger: Logger) throws -> Int32 {
        let wiring = try WorkerComposition(configuration, logger: logger)
        var life = ProcessSupervisor(
            start: start, settings: configuration.process, log: log, signals: signals,
            pulse: ProcessSupervisor.Heartbeat(signs: { wiring.signsOfLife }))
        defer { life.end() }
        // Everything that may fail comes before the first event is taken.
        try life.claim()
        do {
            try wiring.start()
        } catch {
            life.undoClaim()
            throw error
        }
        logStart(logger)
        // There is no socket that somebody would have to take.
        life.reportReady(isSocketTaken: true)
        let ending = waitForEnding(&life, logger)
        logger.info("draining", metadata: ending.metadata)
        let status = try drain(wiring, &life, after: ending, logger)
        return life.finalStatus(status)
    }

    private func logStart(_ logger: Logger) {
        logger.info(
            "delivering",
            metadata: [
                "version": .string(ProgramName.version), "process": .stringConvertible(getpid()),
                "concurrency": .stringConvertible(configuration.sender.totalLimit),
            ])
    }

    /// Says whether Redis is there, and what is dangerous about it, once; then sleeps.
    private func waitForEnding(_ life: inout ProcessSupervisor, _ logger: Logger) -> ProcessSupervisor.Ending {
        let checks = WorkerChecks(configuration: configuration)
        var (isWaiting, isAnswered) = (false, false)
        while true {
            if !isAnswered {
                do throws(RedisError) {
                    let hazards = try checks.hazards(within: Self.waitMilliseconds)
                    logger.info("Redis answers")
                    for hazard in hazards {
                        logger.warning("Redis may lose events", metadata: ["reason": "\(hazard)"])
                    }
                    isAnswered = true
                } catch {
                    if !isWaiting { logger.warning("waiting for Redis", metadata: ["reason": "\(error)"]) }
                    isWaiting = true
                }
            }
            if let ending = life.wait(milliseconds: Self.waitMilliseconds) { return ending }
        }
    }

    /// Stops on another thread, so that a second signal can end the program at once.
    private func drain(
        _ wiring: WorkerComposition, _ life: inout ProcessSupervisor, after ending: ProcessSupervisor.Ending,
        _ logger: Logger
    ) throws(SystemCallError) -> Int32 {
        let unsettled = Lock<Int?>(nil)
        let time = configuration.drainTime
        try PosixThread.start {
            let count = wiring.stop(within: time)
            unsettled.withLock { $0 = count }
        }
        let end = MonotonicTime.now().adding(seconds: Int(time.components.seconds) + Self.graceSeconds)
        while true {
            let isOver = MonotonicTime.now() >= end
            if let count = unsettled.withLock({ $0 }), isOver || !life.isReloadUnfinished() {
                return report(unsettled: count, logger)
            }
            if let signal = life.waitDraining(milliseconds: Self.drainMilliseconds, after: ending) {
                logger.warning("stopped at once by a second signal", metadata: ["signal": .stringConvertible(signal)])
                return ExitStatus.signalled(signal)
            }
            guard !isOver else {
                logger.error("stopped with events not put back: the drain time was over")
                return ExitStatus.cutOff
            }
        }
    }

    private func report(unsettled: Int, _ logger: Logger) -> Int32 {
        guard unsettled == 0 else {
            logger.error("stopped with events not put back", metadata: ["events": .stringConvertible(unsettled)])
            return ExitStatus.cutOff
        }
        logger.info("stopped")
        return ExitStatus.success
    }
}

extension ProcessSupervisor.Ending {
    /// What the log says of it.
    fileprivate var metadata: Logger.Metadata {
        switch self {
        case .stop(let signal): ["signal": .stringConvertible(signal)]
        case .handedOver(let successor): ["successor": .stringConvertible(successor.process)]
        }
    }
}
