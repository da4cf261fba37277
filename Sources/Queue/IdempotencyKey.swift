package import Model

/// A caller's own name for what it enqueues, so that a repetition is known as one.
///
/// Every program that enqueues on behalf of callers makes the text here, so that a call repeated another way counts as
/// the same.
package struct IdempotencyKey: Hashable, Sendable {
    /// The longest key a caller may give.
    package static let maximumBytes = 255

    /// What a key is looked for in: callers that have nothing to do with each other may use the same one.
    package enum Scope: Hashable, Sendable {
        /// Events of an installation.
        case installation(id: Int64)
        /// Sending the event of this id once more.
        case redelivery(of: String)
        /// Test events of one type of an installation.
        case testEvent(installationID: Int64, EventType)
    }

    /// The caller's key behind the name of its scope; at most `DeliveryQueue.maximumIdempotencyKeyBytes`.
    package let text: String

    /// - Parameter key: nil comes back unless it is 1 to 255 printable characters of ASCII.
    package init?(_ key: String, scope: Scope) {
        guard (1...Self.maximumBytes).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        text =
            switch scope {
            case .installation(let id): "\(id):\(key)"
            case .redelivery(let id): "\(id):\(key)"
            case .testEvent(let id, let event): "test-\(id)-\(event.rawValue):\(key)"
            }
    }
}
