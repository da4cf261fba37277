import Glibc
import System

/// One hand-over to a new process, seen from the old one: first a check, then the start. Nothing here blocks.
struct Reload {
    enum Progress {
        case underWay
        /// Nothing has changed.
        case failed(reason: String)
        case done(NewProcess)
    }

    private enum Stage {
        case checking
        case starting
    }

    private let plan: ReloadPlan
    private var stage = Stage.checking
    private var child: ReloadChild
    private var deadline: MonotonicTime

    /// Starts the check.
    init(_ plan: ReloadPlan, now: MonotonicTime) throws(SystemCallError) {
        self.plan = plan
        child = try ReloadChild { plan.check(standardError: $0) }
        deadline = now.adding(seconds: plan.seconds)
    }

    /// Looks how far it is; to be called until it is no longer under way.
    mutating func step(at now: MonotonicTime) -> Progress {
        let progress =
            switch stage {
            case .checking: checkStep(at: now)
            case .starting: startStep(at: now)
            }
        if case .underWay = progress { return progress }
        child.forget()
        return progress
    }

    private mutating func checkStep(at now: MonotonicTime) -> Progress {
        let exit = child.exitStatus()
        child.listen()
        switch exit {
        case .exited(ExitStatus.success)?: return startChild(now)
        case let exit?: return .failed(reason: "the check ended with \(exit.description)\(complaint(child.heard))")
        case nil where now < deadline: return .underWay
        case nil:
            child.end()
            return .failed(reason: "the check took longer than \(plan.seconds) seconds")
        }
    }

    /// What the child said, on one line.
    private func complaint(_ heard: some Collection<UInt8>) -> String {
        let text = String(decoding: heard, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).joined(separator: "; ")
        return lines.isEmpty ? "" : ": \(lines)"
    }

    private mutating func startChild(_ now: MonotonicTime) -> Progress {
        do throws(SystemCallError) {
            let next = try ReloadChild { plan.start(report: $0) }
            child.forget()
            child = next
        } catch {
            return .failed(reason: error.description)
        }
        stage = .starting
        deadline = now.adding(seconds: plan.seconds)
        return .underWay
    }

    private mutating func startStep(at now: MonotonicTime) -> Progress {
        let exit = child.exitStatus()
        child.listen()
        let report = child.heard.first.flatMap(ReadyReport.init)
        if let exit {
            let reason = report == .failed ? complaint(child.heard.dropFirst()) : ""
            return .failed(reason: "the new process ended with \(exit.description)\(reason)")
        }
        if let report, report != .failed {
            return .done(NewProcess(process: child.process, isSocketTaken: report == .sameSocket))
        }
        guard now >= deadline else { return .underWay }
        child.end()
        return .failed(reason: "the new process \(child.process) did not serve within \(plan.seconds) seconds")
    }

    /// Asks the child to end, as this process itself was asked.
    mutating func stop() {
        child.send(SIGTERM)
    }

    /// Whether the child is still there.
    mutating func isChildRunning() -> Bool { child.exitStatus() == nil }

    /// Ends the child at once.
    mutating func endChild() {
        child.end()
        child.forget()
    }
}
