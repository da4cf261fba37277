import Buffer
package import Model
package import Queue
import System

/// The metrics of delivery. Called from several threads, a few times for each attempt: implementations must not block.
package protocol DeliveryMetrics: Sendable {
    /// `integration-platform.http_response` (docs/protocol.md 7.4): one attempt and its result.
    ///
    /// - Parameters:
    ///   - status: the response's code, or the name of the failure: `timeout`, `blocked-address`.
    ///   - integration: `internal`, `unpublished` or the app's slug (docs/protocol.md 7.4).
    func countResponse(status: String, integration: String, event: EventType)

    /// `resource_change.processed` (docs/protocol.md 7.1): an event that was delivered, failed or was dropped.
    func countProcessed(event: EventType)

    /// A delivery that is scheduled for a retry.
    func countRetry()

    /// A delivery that became a dead letter.
    func countDeadLetter()

    /// An app that was disabled automatically.
    func countDisabled()

    /// A circuit breaker that opened.
    func countBreakerOpening()

    /// The duration of an attempt.
    func recordDuration(milliseconds: Int)

    /// The delay of an event, from its enqueuing to the end of its first attempt.
    func recordDelay(milliseconds: Int)
}

/// Counts in memory until the counts are drained.
///
/// A count costs one lock and one lookup whose key consists of existing strings; nothing is formatted. There are at
/// most `seriesLimit` series of responses between two drains; new ones beyond the limit are counted as `other`.
package final class MetricRegistry: DeliveryMetrics {
    private struct ResponseKey: Hashable {
        var status: String
        var integration: String
        var event: EventType
    }

    private struct State {
        var responses: [ResponseKey: Int64] = [:]
        var processed: [EventType: Int64] = [:]
        var retries: Int64 = 0
        var deadLetters: Int64 = 0
        var appsDisabled: Int64 = 0
        var breakerOpenings: Int64 = 0
        var duration = LatencyCounts(.duration)
        var delay = LatencyCounts(.delay)
    }

    private let state = Lock(State())
    private let seriesLimit: Int

    package init(seriesLimit: Int = MetricCounts.defaultSeriesLimit) {
        self.seriesLimit = seriesLimit
    }

    package func countResponse(status: String, integration: String, event: EventType) {
        let key = ResponseKey(status: status, integration: integration, event: event)
        state.withLock { $0.responses.increment(key, limit: seriesLimit, overflow: MetricRegistry.otherResponse) }
    }

    package func countProcessed(event: EventType) {
        state.withLock { $0.processed.increment(event, limit: seriesLimit, overflow: "other") }
    }

    package func countRetry() { state.withLock { $0.retries += 1 } }

    package func countDeadLetter() { state.withLock { $0.deadLetters += 1 } }

    package func countDisabled() { state.withLock { $0.appsDisabled += 1 } }

    package func countBreakerOpening() { state.withLock { $0.breakerOpenings += 1 } }

    package func recordDuration(milliseconds: Int) {
        state.withLock { $0.duration.record(milliseconds: Int64(milliseconds)) }
    }

    package func recordDelay(milliseconds: Int) {
        state.withLock { $0.delay.record(milliseconds: Int64(milliseconds)) }
    }

    /// Returns the counts since the last drain.
    package func drain() -> MetricCounts {
        let taken = state.withLock { state in
            let taken = state
            state = State()
            return taken
        }
        var counts = MetricCounts()
        for (key, count) in taken.responses {
            let tags = [key.status, key.integration, key.event.rawValue]
            counts.add(count, to: MetricSeries(.responses, tags: tags), limit: .max)
        }
        for (event, count) in taken.processed {
            counts.add(count, to: MetricSeries(.processed, tags: [event.rawValue]), limit: .max)
        }
        counts.add(taken.retries, to: MetricSeries(.retries))
        counts.add(taken.deadLetters, to: MetricSeries(.deadLetters))
        counts.add(taken.appsDisabled, to: MetricSeries(.appsDisabled))
        counts.add(taken.breakerOpenings, to: MetricSeries(.breakerOpenings))
        counts.add(taken.duration)
        counts.add(taken.delay)
        return counts
    }

    private static let otherResponse = ResponseKey(status: "other", integration: "other", event: "other")
}

extension Dictionary where Value == Int64 {
    /// Counts one for `key`, or for `overflow` when `key` is new and the limit is reached.
    fileprivate mutating func increment(_ key: Key, limit: Int, overflow: Key) {
        if let index = index(forKey: key) {
            values[index] += 1
        } else {
            self[count < limit ? key : overflow, default: 0] += 1
        }
    }
}
