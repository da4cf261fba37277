import Glibc
import System

/// Starts and logs the hand-overs to new processes, at most one at a time.
struct UpgradeControl {
    private let plan: UpgradePlan?
    private let manager: ServiceManager
    private let log: LogWriter
    private var upgrade: BinaryUpgrade?
    /// The new process that the service manager has not been notified of yet.
    private var unreportedProcess: Int32?
    private var mustReopenLog = false

    /// - Parameter plan: nil when the program's file could not be found.
    init(plan: UpgradePlan?, manager: ServiceManager, log: LogWriter) {
        self.plan = plan
        self.manager = manager
        self.log = log
    }

    var isInProgress: Bool { upgrade != nil }

    /// Begins a hand-over, unless one is in progress.
    mutating func begin(because cause: String) {
        guard upgrade == nil else {
            log.write(LogLine(.notice, "a reload is already in progress", [("cause", .text(cause))]))
            return
        }
        log.write(LogLine(.info, "reloading", [("cause", .text(cause))]))
        manager.notifyReloading()
        guard getpid() != 1 else {
            return fail("process 1 of a container cannot hand over: the container ends with it")
        }
        guard let plan else { return fail("the program's file was not found at the start") }
        do throws(SystemCallError) {
            upgrade = try BinaryUpgrade(plan, now: .now())
            mustReopenLog = false
        } catch {
            fail(error.description)
        }
    }

    /// Continues the hand-over in progress; returns the new process once it serves.
    mutating func step() -> NewProcess? {
        guard var current = upgrade else { return nil }
        let progress = current.step(at: .now())
        upgrade = current
        switch progress {
        case .inProgress: return nil
        case .failed(let reason):
            fail(reason)
            return nil
        case .done(let newProcess):
            upgrade = nil
            log.write(LogLine(.info, "handed over", [("process", .number(Int64(newProcess.process)))]))
            // Its signals are blocked by now, so this one stays pending until it waits for signals.
            if mustReopenLog { kill(newProcess.process, SIGUSR1) }
            unreportedProcess = newProcess.process
            notifyManager()
            return newProcess
        }
    }

    /// To be called when the log was moved away: a new process may have opened the old file.
    mutating func reopenLog() {
        mustReopenLog = isInProgress
    }

    /// Notifies the service manager of the new process, if necessary; false if that failed.
    @discardableResult
    mutating func notifyManager() -> Bool {
        guard let process = unreportedProcess else { return true }
        guard manager.notifyMainProcess(process) else { return false }
        unreportedProcess = nil
        return true
    }

    private mutating func fail(_ reason: String) {
        upgrade = nil
        log.write(LogLine(.error, "reload failed, the process continues unchanged", [("reason", .text(reason))]))
        manager.notifyReady()
    }

    // MARK: Stopping

    /// Asks a new process that does not serve yet to end, as this one was asked.
    mutating func stop() {
        upgrade?.stop()
    }

    /// Whether a new process that was asked to end still runs.
    mutating func hasChild() -> Bool {
        guard upgrade?.isChildRunning() == true else {
            end()
            return false
        }
        return true
    }

    /// Kills such a process.
    mutating func end() {
        upgrade?.endChild()
        upgrade = nil
    }
}
