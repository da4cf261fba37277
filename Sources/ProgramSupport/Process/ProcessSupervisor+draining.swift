extension ProcessSupervisor {
    /// Waits for a signal while what has begun is being finished.
    ///
    /// - Returns: the signal that asks to end at once: the first after one that asked to stop, the second after a
    ///   hand-over, or after a stop that the predecessor passed on. Nil = go on.
    package mutating func waitDraining(milliseconds: Int, after ending: Ending) -> Int32? {
        let request = signals.wait(milliseconds: milliseconds)
        watchSuccessor()
        switch request {
        case .stop(_, let sender) where isPredecessor(sender): break
        case .stop(let signal, _):
            stopsWhileDraining += 1
            return stopsWhileDraining >= (isHandedOver(ending) || isStopPassedOn ? 2 : 1) ? signal : nil
        case .reopenLog: reopenLog()
        case .reload: log.write(LogLine(.notice, "reload ignored: this process ends already", []))
        case nil: break
        }
        return nil
    }

    /// Whether a new process that a stop overtook is still to end, or the service manager to hear of one that took over.
    package mutating func isReloadUnfinished() -> Bool {
        let isTold = reload.tellSuccessor()
        return reload.hasChild() || !isTold
    }

    /// What the program is to end with: `status`, unless a new process that took over was lost, or the service manager
    /// could not be told of it. Then it shall start another one.
    package mutating func finalStatus(_ status: Int32) -> Int32 {
        watchSuccessor()
        if stopsWhileDraining == 0, !isSuccessorLost, !reload.tellSuccessor() {
            isSuccessorLost = true
            log.write(LogLine(.error, "the service manager could not be told of the new process", []))
        }
        return status == ExitStatus.success && isSuccessorLost ? ExitStatus.successorLost : status
    }

    /// Nobody else may notice the successor's end: it is this process' child. After a stop it is right that it ends.
    private mutating func watchSuccessor() {
        guard let successor, !isSuccessorLost, stopsWhileDraining == 0, let exit = successor.failure() else { return }
        isSuccessorLost = true
        log.write(
            LogLine(
                .error, "the new process is lost, this one finishes what it has and ends",
                [("process", .number(Int64(successor.process))), ("reason", .text(exit.description))]))
    }

    private func isHandedOver(_ ending: Ending) -> Bool {
        if case .handedOver = ending { true } else { false }
    }
}
