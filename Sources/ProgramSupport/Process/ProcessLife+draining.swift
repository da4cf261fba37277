extension ProcessLife {
    /// Waits for a signal while what has begun is being finished.
    ///
    /// - Returns: the signal that asks to end at once: the first after one that asked to stop, the second after a
    ///   hand-over. Nil = go on.
    package mutating func waitDraining(milliseconds: Int, after ending: Ending) -> Int32? {
        switch signals.wait(milliseconds: milliseconds) {
        case .stop(let signal):
            stopsWhileDraining += 1
            return stopsWhileDraining >= (isHandedOver(ending) ? 2 : 1) ? signal : nil
        case .reopenLog: reopenLog()
        case .reload: log.write(LogLine(.notice, "reload ignored: this process ends already", []))
        case nil: break
        }
        return nil
    }

    /// Whether a new process that a stop overtook is still to end.
    package mutating func awaitsChild() -> Bool { reload.hasChild() }

    private func isHandedOver(_ ending: Ending) -> Bool {
        if case .handedOver = ending { true } else { false }
    }
}
