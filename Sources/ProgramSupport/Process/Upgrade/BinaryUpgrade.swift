import Glibc
import System

/// One hand-over to a new process, as seen from the old one: a check, then the start. Nothing here blocks.
struct BinaryUpgrade {
    enum Progress {
        case inProgress
        /// This process continues unchanged.
        case failed(reason: String)
        case done(NewProcess)
    }

    private enum Phase {
        case checking
        case starting
    }

    private let plan: UpgradePlan
    private var phase = Phase.checking
    private var child: UpgradeChild
    private var deadline: MonotonicTime

    /// Starts the check.
    init(_ plan: UpgradePlan, now: MonotonicTime) throws(SystemCallError) {
        self.plan = plan
        child = try UpgradeChild { plan.check(standardError: $0) }
        deadline = now.adding(seconds: plan.seconds)
    }

    /// Makes progress where possible; to be called until it is no longer in progress.
    mutating func step(at now: MonotonicTime) -> Progress {
        let progress =
            switch phase {
            case .checking: checkStep(at: now)
            case .starting: startStep(at: now)
            }
        if case .inProgress = progress { return progress }
        child.closePipe()
        return progress
    }

    private mutating func checkStep(at now: MonotonicTime) -> Progress {
        let exit = child.exitStatus()
        child.readReport()
        switch exit {
        case .exited(ExitStatus.success)?: return startChild(now)
        case let exit?: return .failed(reason: "the check ended with \(exit.description)\(reason(child.report))")
        case nil where now < deadline: return .inProgress
        case nil:
            child.end()
            return .failed(reason: "the check took longer than \(plan.seconds) seconds")
        }
    }

    /// The child's report on one line, after a colon.
    private func reason(_ report: some Collection<UInt8>) -> String {
        let text = String(decoding: report, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).joined(separator: "; ")
        return lines.isEmpty ? "" : ": \(lines)"
    }

    private mutating func startChild(_ now: MonotonicTime) -> Progress {
        do throws(SystemCallError) {
            let next = try UpgradeChild { plan.start(report: $0) }
            child.closePipe()
            child = next
        } catch {
            return .failed(reason: error.description)
        }
        phase = .starting
        deadline = now.adding(seconds: plan.seconds)
        return .inProgress
    }

    private mutating func startStep(at now: MonotonicTime) -> Progress {
        let exit = child.exitStatus()
        child.readReport()
        let report = child.report.first.flatMap(ReadyReport.init)
        if let exit {
            let suffix = report == .failed ? reason(child.report.dropFirst()) : ""
            return .failed(reason: "the new process ended with \(exit.description)\(suffix)")
        }
        if let report, report != .failed {
            return .done(NewProcess(process: child.process, isSocketTaken: report == .sameSocket))
        }
        guard now >= deadline else { return .inProgress }
        child.end()
        return .failed(reason: "the new process \(child.process) did not serve within \(plan.seconds) seconds")
    }

    /// Asks the child to end.
    mutating func stop() {
        child.send(SIGTERM)
    }

    /// Whether the child still runs.
    mutating func isChildRunning() -> Bool { child.exitStatus() == nil }

    /// Kills the child.
    mutating func endChild() {
        child.end()
        child.closePipe()
    }
}

/// A new process that serves in place of this one.
package struct NewProcess: Hashable, Sendable {
    package let process: Int32
    /// Whether it serves on the socket of this process; otherwise that socket is no longer used.
    package let isSocketTaken: Bool

    /// How it failed; nil while it runs, and after exit status 0. Only for the process that started it.
    ///
    /// Its exit status is not consumed: it is for the service manager once this process is gone, and until then no
    /// other process gets its id.
    func failure() -> UpgradeChild.Exit? {
        var end = siginfo_t()
        let options = WEXITED | WNOHANG | WNOWAIT
        guard waitid(P_PID, id_t(process), &end, options) == 0, end.si_signo == SIGCHLD else { return nil }
        let status = end._sifields._sigchld.si_status
        guard Int(end.si_code) == Int(CLD_EXITED) else { return .signalled(status) }
        return status == ExitStatus.success ? nil : .exited(status)
    }
}
