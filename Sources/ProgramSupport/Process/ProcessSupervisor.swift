import Glibc
package import System

/// What every long-running program does besides its work: handles signals, reloads itself, reopens its log, and reports
/// to the service manager.
///
/// Belongs to the main thread, which calls `wait` in a loop. Nothing else blocks there.
package struct ProcessSupervisor {
    /// What ends the process's work.
    package enum Ending: Hashable, Sendable {
        case stop(signal: Int32)
        /// Another process serves already.
        case handedOver(NewProcess)

        fileprivate var isHandedOver: Bool {
            if case .handedOver = self { true } else { false }
        }
    }

    /// The progress of the program's own work.
    package struct Heartbeat: Sendable {
        /// Requests handled since the start.
        package var requestCount: @Sendable () -> Int
        /// Heartbeats of the program's threads since the start.
        package var beatCount: @Sendable () -> Int
        /// Asks the program's threads for a heartbeat.
        package var request: @Sendable () -> Void

        package init(
            requestCount: @escaping @Sendable () -> Int = { 0 }, beatCount: @escaping @Sendable () -> Int,
            request: @escaping @Sendable () -> Void = {}
        ) {
            self.requestCount = requestCount
            self.beatCount = beatCount
            self.request = request
        }
    }

    /// The longest single wait during a reload, in milliseconds.
    private static let reloadTick = 10

    private let start: ProgramStart
    private let log: LogWriter
    private let manager: ServiceManager
    private var pidFile: PIDFile?
    private let heartbeat: Heartbeat
    private var limit: LifeLimit
    private var watchdog: Watchdog?
    private var signals: ProcessSignals
    private var upgrade: UpgradeControl
    private var stopsWhileDraining = 0
    /// Whether the old process passed on a stop whose sender may still signal this process, too.
    private var isStopPassedOn = false
    /// Once handed over.
    private var newProcess: NewProcess?
    private var isNewProcessLost = false

    /// - Parameters:
    ///   - signals: blocked before any thread was started.
    ///   - descriptors: what a new process inherits, described by `details`.
    ///   - random: returns a number from 0 to 1; spreads the limits of several processes.
    package init(
        start: ProgramStart, settings: ProcessSettings, log: LogWriter, signals: ProcessSignals, heartbeat: Heartbeat,
        descriptors: [Int32] = [], details: String = "", random: () -> Double = { Double.random(in: 0...1) }
    ) {
        self.start = start
        self.log = log
        self.signals = signals
        self.heartbeat = heartbeat
        manager = ServiceManager(environment: start.environment)
        watchdog = Watchdog(environment: start.environment)
        pidFile = settings.pidFile.map { PIDFile(path: $0) }
        limit = LifeLimit(
            maximumRequests: settings.maximumRequests, maximumAgeSeconds: settings.maximumAgeSeconds, now: .now(),
            random: random)
        let plan = start.file.map { file in
            UpgradePlan(
                file: file, arguments: start.words, environment: start.environment, seconds: settings.reloadSeconds,
                descriptors: descriptors, details: details)
        }
        upgrade = UpgradeControl(plan: plan, manager: manager, log: log)
    }

    // MARK: Starting

    /// Writes the PID file. To be called before the program serves, as it may fail; `undoClaim` reverts it when a later
    /// step fails.
    package mutating func claim() throws(FileError) {
        // Before the old process ends, which removes the file unless it names another process.
        try pidFile?.claim()
    }

    /// To be called when the program does not start serving after all.
    package func undoClaim() {
        pidFile?.undo()
    }

    /// To be called when the program serves: notifies the old process, or the service manager. Cannot fail.
    ///
    /// - Parameter isSocketTaken: whether it serves on the socket of the old process.
    package func reportReady(isSocketTaken: Bool) {
        if let oldProcess = start.oldProcess {
            // It notifies the service manager, which does not listen to this process yet.
            oldProcess.reportReady(isSocketTaken: isSocketTaken)
        } else {
            manager.notifyReady()
        }
    }

    // MARK: Serving

    /// Waits for a signal and does what is due.
    ///
    /// - Returns: what ends the work; nil = it continues.
    package mutating func wait(milliseconds: Int) -> Ending? {
        let request = signals.wait(milliseconds: min(milliseconds, tick))
        switch request {
        case .stop(let signal, let sender): return stop(signal, sender)
        case .reopenLog:
            reopenLog()
            upgrade.reopenLog()
        case .reload: upgrade.begin(because: "signal")
        case nil: break
        }
        watch()
        reloadIfDue()
        return stepUpgrade().map { .handedOver($0) }
    }

    private mutating func stop(_ signal: Int32, _ sender: Int32) -> Ending {
        // A new process that serves already has requests of its own and its own time to finish them.
        if let newProcess = stepUpgrade() {
            kill(newProcess.process, SIGTERM)
            stopsWhileDraining = 1
            return .handedOver(newProcess)
        }
        isStopPassedOn = isOldProcess(sender)
        upgrade.stop()
        manager.notifyStopping()
        return .stop(signal: signal)
    }

    /// The old process passes on a stop that its sender may send to this process as well: both are one stop.
    private func isOldProcess(_ process: Int32) -> Bool { process != 0 && process == start.oldProcess?.process }

    private mutating func stepUpgrade() -> NewProcess? {
        let wasInProgress = upgrade.isInProgress
        newProcess = upgrade.step()
        if wasInProgress, !upgrade.isInProgress, newProcess == nil {
            // A new process that was killed late may have claimed the file.
            try? pidFile?.write()
        }
        return newProcess
    }

    /// How long nothing else needs to be checked, in milliseconds.
    private var tick: Int { upgrade.isInProgress ? Self.reloadTick : watchdog?.tick ?? .max }

    private mutating func reloadIfDue() {
        let now = MonotonicTime.now()
        guard !upgrade.isInProgress, let reason = limit.reason(at: now, requestCount: heartbeat.requestCount())
        else { return }
        limit.postpone(from: now)
        upgrade.begin(because: reason)
    }

    private mutating func watch() {
        guard let actions = watchdog?.next(at: .now(), beatCount: heartbeat.beatCount()) else { return }
        if actions.notifiesManager { manager.notifyAlive() }
        if actions.logsSilence {
            log.write(LogLine(.warning, "no thread makes progress: the watchdog is not notified", []))
        }
        if actions.requestsHeartbeat { heartbeat.request() }
    }

    private func reopenLog() {
        do throws(FileError) {
            try log.reopen()
            log.write(LogLine(.info, "log opened", []))
        } catch {
            log.write(
                LogLine(
                    .error, "cannot reopen the log, continuing with the old file",
                    [("reason", .text(error.description))]))
        }
    }

    // MARK: Draining

    /// Waits for a signal while work in progress is being finished.
    ///
    /// - Returns: the signal that asks to end at once: the first after a stop, the second after a hand-over or after a
    ///   stop that the old process passed on. Nil = continue.
    package mutating func waitDraining(milliseconds: Int, after ending: Ending) -> Int32? {
        let request = signals.wait(milliseconds: milliseconds)
        watchNewProcess()
        switch request {
        case .stop(_, let sender) where isOldProcess(sender): break
        case .stop(let signal, _):
            stopsWhileDraining += 1
            return stopsWhileDraining >= (ending.isHandedOver || isStopPassedOn ? 2 : 1) ? signal : nil
        case .reopenLog: reopenLog()
        case .reload: log.write(LogLine(.notice, "reload ignored: this process is stopping", []))
        case nil: break
        }
        return nil
    }

    /// Whether a new process that was interrupted by a stop still runs, or the service manager has not been notified of
    /// one that took over.
    package mutating func isReloadUnfinished() -> Bool {
        let isNotified = upgrade.notifyManager()
        return upgrade.hasChild() || !isNotified
    }

    /// The exit status: `status`, unless a new process that took over was lost, or the service manager could not be
    /// notified of it and must start another one.
    package mutating func finalStatus(_ status: Int32) -> Int32 {
        watchNewProcess()
        if stopsWhileDraining == 0, !isNewProcessLost, !upgrade.notifyManager() {
            isNewProcessLost = true
            log.write(LogLine(.error, "the service manager could not be notified of the new process", []))
        }
        return status == ExitStatus.success && isNewProcessLost ? ExitStatus.newProcessLost : status
    }

    /// The new process is this process's child, so only this process can notice its end. After a stop it is expected to
    /// end.
    private mutating func watchNewProcess() {
        guard let newProcess, !isNewProcessLost, stopsWhileDraining == 0, let exit = newProcess.failure() else {
            return
        }
        isNewProcessLost = true
        log.write(
            LogLine(
                .error, "the new process is lost, this one finishes its work and exits",
                [("process", .number(Int64(newProcess.process))), ("reason", .text(exit.description))]))
    }

    /// To be called at the end: removes the PID file and kills a new process that does not serve yet.
    package mutating func end() {
        upgrade.end()
        pidFile?.remove(lost: newProcess.flatMap { $0.failure() == nil ? nil : $0.process })
    }
}
