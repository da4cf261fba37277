import Buffer
package import Model
package import Queue

/// What `/-/status` is answered from.
package struct StatusSources {
    /// The fleet's counts; nil = the page speaks of this process alone.
    package var metrics: (any MetricReading)?
    /// In the order they are shown.
    package var queues: [any QueueStatisticsReading]
    /// The program's release; empty = unknown.
    package var version: String
    /// When this process started.
    package var startedAt: Timestamp?
    /// The counts of the cache of answers; nil = there is none.
    package var answerCache: (@Sendable () -> ResponseCacheCounts)?

    /// This process and its threads; nil = it says nothing of itself.
    package var process: (@Sendable () -> ProcessStatus)?

    package init(
        metrics: (any MetricReading)? = nil, queues: [any QueueStatisticsReading] = [], version: String = "",
        startedAt: Timestamp? = nil, answerCache: (@Sendable () -> ResponseCacheCounts)? = nil,
        process: (@Sendable () -> ProcessStatus)? = nil
    ) {
        self.metrics = metrics
        self.queues = queues
        self.version = version
        self.startedAt = startedAt
        self.answerCache = answerCache
        self.process = process
    }
}
