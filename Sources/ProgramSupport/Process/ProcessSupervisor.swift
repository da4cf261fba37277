import Glibc
import System

/// What every long-running program does beside its work: follows signals, reloads itself, reopens its log, tells the
/// service manager how it is.
///
/// Belongs to the main thread, which calls `wait` again and again; nothing but waiting for a signal blocks there.
package struct ProcessSupervisor {
    /// What ends the process' work.
    package enum Ending: Hashable, Sendable {
        case stop(signal: Int32)
        /// Another process serves already.
        case handedOver(NewProcess)
    }

    /// What the program knows of its own work.
    package struct Heartbeat: Sendable {
        /// Requests answered since the start.
        package var answered: @Sendable () -> Int
        /// Signs of life since the start.
        package var signs: @Sendable () -> Int
        /// Makes the program's threads give a sign of life, if they can.
        package var ask: @Sendable () -> Void

        package init(
            answered: @escaping @Sendable () -> Int = { 0 }, signs: @escaping @Sendable () -> Int,
            ask: @escaping @Sendable () -> Void = {}
        ) {
            self.answered = answered
            self.signs = signs
            self.ask = ask
        }
    }

    /// How long `wait` waits at most while a reload is under way, in milliseconds.
    private static let reloadTick = 10

    let start: ProgramStart
    let log: LogWriter
    private let manager: ServiceManager
    private var pidFile: PIDFile?
    private let pulse: Heartbeat
    private var limit: LifeLimit
    private var watchdog: Watchdog?
    var signals: ProcessSignals
    var reload: ReloadControl
    var stopsWhileDraining = 0
    /// Whether the predecessor asked to stop, and not yet whoever asked it.
    var isStopPassedOn = false
    /// Once handed over.
    var successor: NewProcess?
    var isSuccessorLost = false

    /// - Parameters:
    ///   - signals: blocked before any thread was started.
    ///   - descriptors: what a new process gets, as `details` says.
    ///   - random: a number from 0 to 1; spreads the limits of several processes.
    package init(
        start: ProgramStart, settings: ProcessSettings, log: LogWriter, signals: ProcessSignals, pulse: Heartbeat,
        descriptors: [Int32] = [], details: String = "", random: () -> Double = { Double.random(in: 0...1) }
    ) {
        self.start = start
        self.log = log
        self.signals = signals
        self.pulse = pulse
        manager = ServiceManager(environment: start.environment)
        watchdog = Watchdog(environment: start.environment)
        pidFile = settings.pidFile.map { PIDFile(path: $0) }
        limit = LifeLimit(
            maximumRequests: settings.maximumRequests, maximumAgeSeconds: settings.maximumAgeSeconds, now: .now(),
            random: random)
        let plan = start.file.map { file in
            ReloadPlan(
                file: file, arguments: start.words, environment: start.environment, seconds: settings.reloadSeconds,
                descriptors: descriptors, details: details)
        }
        reload = ReloadControl(plan: plan, manager: manager, log: log)
    }

    /// Writes the PID file. To be called before the program serves, as it may fail; `undoClaim` takes it back when a later
    /// step fails.
    package mutating func claim() throws(PIDFile.Failure) {
        // Before the predecessor ends, which takes its file away unless another process stands there.
        try pidFile?.claim()
    }

    /// To be called when the program does not come to serve after all.
    package func undoClaim() {
        pidFile?.undo()
    }

    /// To be called when the program serves: tells the predecessor, or the service manager. Cannot fail.
    ///
    /// - Parameter isSocketTaken: whether it serves on the socket that was handed over.
    package func reportReady(isSocketTaken: Bool) {
        if let predecessor = start.predecessor {
            // It tells the service manager, which would not listen to this process yet.
            predecessor.reportReady(isSocketTaken: isSocketTaken)
        } else {
            manager.tellReady()
        }
    }

    /// Waits for a signal and does what is due.
    ///
    /// - Returns: what ends the work; nil = it goes on.
    package mutating func wait(milliseconds: Int) -> Ending? {
        let request = signals.wait(milliseconds: min(milliseconds, tick))
        switch request {
        case .stop(let signal, let sender): return stop(signal, sender)
        case .reopenLog:
            reopenLog()
            reload.reopenLog()
        case .reload: reload.begin(because: "signal")
        case nil: break
        }
        watch()
        reloadIfDue()
        return stepReload().map { .handedOver($0) }
    }

    private mutating func stop(_ signal: Int32, _ sender: Int32) -> Ending {
        // A new process that serves already has requests of its own and the time to finish them.
        if let successor = stepReload() {
            kill(successor.process, SIGTERM)
            stopsWhileDraining = 1
            return .handedOver(successor)
        }
        isStopPassedOn = isPredecessor(sender)
        reload.stop()
        manager.tellStopping()
        return .stop(signal: signal)
    }

    /// The predecessor passes on what it was told, which whoever told it may tell this process, too: that is one stop.
    func isPredecessor(_ process: Int32) -> Bool { process != 0 && process == start.predecessor?.process }

    private mutating func stepReload() -> NewProcess? {
        let wasUnderWay = reload.isUnderWay
        successor = reload.step()
        if wasUnderWay, !reload.isUnderWay, successor == nil {
            // A new process that was ended too late may have put itself there.
            try? pidFile?.write()
        }
        return successor
    }

    /// How long nothing else needs to be looked at, in milliseconds.
    private var tick: Int { reload.isUnderWay ? Self.reloadTick : watchdog?.tick ?? .max }

    private mutating func reloadIfDue() {
        let now = MonotonicTime.now()
        guard !reload.isUnderWay, let reason = limit.reason(at: now, answered: pulse.answered()) else { return }
        limit.postpone(from: now)
        reload.begin(because: reason)
    }

    private mutating func watch() {
        guard let duty = watchdog?.next(at: .now(), signs: pulse.signs()) else { return }
        if duty.tells { manager.tellAlive() }
        if duty.complains {
            log.write(LogLine(.warning, "no thread gives a sign of life: the watchdog is not told", []))
        }
        if duty.asks { pulse.ask() }
    }

    func reopenLog() {
        do throws(LogFile.Failure) {
            try log.reopen()
            log.write(LogLine(.info, "log opened", []))
        } catch {
            log.write(
                LogLine(.error, "log not opened anew, the old one goes on", [("reason", .text(error.description))]))
        }
    }

    /// To be called at the end: nothing of this process stays.
    package mutating func end() {
        reload.end()
        pidFile?.remove(lost: successor.flatMap { $0.failure() == nil ? nil : $0.process })
    }
}
