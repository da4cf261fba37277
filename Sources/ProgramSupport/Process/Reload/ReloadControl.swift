import Glibc
import System

/// Hand-overs to new processes over the life of this one: at most one at a time, each with its lines in the log.
struct ReloadControl {
    private let plan: ReloadPlan?
    private let manager: ServiceManager
    private let log: LogWriter
    private var reload: Reload?
    /// The new process that the service manager has not heard of yet.
    private var untold: Int32?
    private var passesLogOn = false

    /// - Parameter plan: nil when the program's file could not be found.
    init(plan: ReloadPlan?, manager: ServiceManager, log: LogWriter) {
        self.plan = plan
        self.manager = manager
        self.log = log
    }

    var isUnderWay: Bool { reload != nil }

    /// Begins a hand-over, unless one is under way.
    mutating func begin(because cause: String) {
        guard reload == nil else {
            log.write(LogLine(.notice, "a reload is under way already", [("cause", .text(cause))]))
            return
        }
        log.write(LogLine(.info, "reloading", [("cause", .text(cause))]))
        manager.tellReloading()
        guard getpid() != 1 else { return fail("process 1 of a container ends with it and cannot hand over") }
        guard let plan else { return fail("the program's file was not found at its start") }
        do throws(SystemCallError) {
            reload = try Reload(plan, now: .now())
            passesLogOn = false
        } catch {
            fail(error.description)
        }
    }

    /// Goes on with the hand-over under way; returns the new process once it serves.
    mutating func step() -> NewProcess? {
        guard var current = reload else { return nil }
        let progress = current.step(at: .now())
        reload = current
        switch progress {
        case .underWay: return nil
        case .failed(let reason):
            fail(reason)
            return nil
        case .done(let successor):
            reload = nil
            log.write(LogLine(.info, "handed over", [("process", .number(Int64(successor.process)))]))
            // Its signals are blocked by now: it takes this one when it comes to it.
            if passesLogOn { kill(successor.process, SIGUSR1) }
            untold = successor.process
            tellSuccessor()
            return successor
        }
    }

    /// The log was moved away while a hand-over is under way: the new process may have opened it before.
    mutating func reopenLog() {
        passesLogOn = isUnderWay
    }

    /// Tells the service manager of the new process, if it has not heard of it yet; whether it has now.
    @discardableResult
    mutating func tellSuccessor() -> Bool {
        guard let process = untold else { return true }
        guard manager.tellSuccessor(process) else { return false }
        untold = nil
        return true
    }

    private mutating func fail(_ reason: String) {
        reload = nil
        log.write(LogLine(.error, "reload failed, the process goes on as before", [("reason", .text(reason))]))
        manager.tellReady()
    }

    // MARK: Stopping

    /// Asks a new process that does not serve yet to end: this one was told to.
    mutating func stop() {
        reload?.stop()
    }

    /// Whether a new process that was asked to end is still there.
    mutating func hasChild() -> Bool {
        guard reload?.isChildRunning() == true else {
            end()
            return false
        }
        return true
    }

    /// Ends such a process at once.
    mutating func end() {
        reload?.endChild()
        reload = nil
    }
}
