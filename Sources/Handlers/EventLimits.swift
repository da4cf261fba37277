/// Bounds of what the API takes in for delivery; the program's settings fill it.
package struct EventLimits: Hashable, Sendable {
    /// The longest body of a `POST events/`; a longer one is 413. 256 KiB.
    package var maximumEventBytes: Int
    /// How long payloads are kept for sending them again, in seconds: what a refusal says. 0 = they are not kept.
    package var payloadSeconds: Int

    package init(maximumEventBytes: Int = 256 << 10, payloadSeconds: Int = 259_200) {
        self.maximumEventBytes = maximumEventBytes
        self.payloadSeconds = payloadSeconds
    }
}
