package import Queue

/// Where an inquiry reads what Redis knows beside the log. One value serves one thread; of what is nil nothing is told.
package struct StateSources {
    package var health: (any FailureCountReading)?
    package var metrics: (any MetricReading)?
    package var backlog: (any BacklogReading)?

    package init(
        health: (any FailureCountReading)? = nil, metrics: (any MetricReading)? = nil,
        backlog: (any BacklogReading)? = nil
    ) {
        self.health = health
        self.metrics = metrics
        self.backlog = backlog
    }
}
