extension DeliveryQueueSettings {
    /// The queue of mails to owners. Few and small: a mail takes about half a kilobyte.
    ///
    /// Idempotency keys live for a week: that long a disabling whose end cannot be noted, because the directory cannot be
    /// written, mails nobody twice.
    package static let mail = DeliveryQueueSettings(
        name: "mail", maximumDepth: 10_000, maximumPayloadBytes: 16 << 10, maximumDeadLetters: 10_000,
        idempotencyLifetimeSeconds: 7 * 86400)
}
