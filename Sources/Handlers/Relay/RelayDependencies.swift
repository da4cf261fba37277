package import Buffer
package import Queue

/// What the relay uses beside the queue and the directory. One value serves one thread.
package struct RelayDependencies {
    /// Which targets are disabled.
    package var targets: any RelayTargetKeeping
    /// The names of events that are not in the catalogue.
    package var seenEvents: any SeenEventKeeping
    /// The longest body of a webhook, in bytes; a longer one is 413.
    package var maximumBytes: Int

    package init(targets: any RelayTargetKeeping, seenEvents: any SeenEventKeeping, maximumBytes: Int = 1 << 20) {
        self.targets = targets
        self.seenEvents = seenEvents
        self.maximumBytes = maximumBytes
    }
}
