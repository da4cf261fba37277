/// A sign that one thread gives and others wait for; once given it stays.
package final class ThreadFlag: Sendable {
    private let value = Condition(false)

    package init() {}

    package func set() {
        value.change { value in
            value = true
            return true
        }
    }

    package var isSet: Bool { value.withLock { $0 } }

    /// Waits for the sign this long at most; returns whether it has been given.
    package func wait(for limit: Duration) -> Bool {
        value.wait(until: .now().adding(limit)) { $0 ? true : nil } ?? false
    }
}
