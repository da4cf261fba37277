import Model

/// A sign that one thread gives and others wait for; once given it stays.
final class ThreadFlag: Sendable {
    private let value = Monitor(false)

    func set() {
        value.change { value in
            value = true
            return true
        }
    }

    var isSet: Bool { value.withLock { $0 } }

    /// Waits for the sign this long at most; returns whether it has been given.
    func wait(for limit: Duration) -> Bool {
        value.wait(until: .now().adding(limit)) { $0 ? true : nil } ?? false
    }
}
