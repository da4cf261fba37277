package import Model
package import Redis
import System

/// The counts of all workers in Redis, and the live workers. One object serves one thread.
///
/// `hookline:{metrics}` is a hash of monotonic counters (`MetricField` names them) that outlives workers, so that every
/// responder can report for all of them. `hookline:workers` is a hash of each worker's last report. Both have a limited
/// number of fields.
package final class MetricStore: MetricReading {
    static let countsKey = "hookline:{metrics}"
    static let workersKey = "hookline:workers"
    /// The maximum number of listed workers.
    static let maximumWorkers = 1000
    /// Lifetime of the sequence number of a publisher's last batch.
    static let batchLifetimeSeconds = 86400

    private let connection: RedisConnection
    private let seriesLimit: Int

    /// - Parameter seriesLimit: limit for the hash's fields; new series beyond it are counted as `other`.
    package init(connection: RedisConnection, seriesLimit: Int = MetricCounts.defaultSeriesLimit) {
        self.connection = connection
        self.seriesLimit = seriesLimit
    }

    /// Adds a publisher's batch of counts exactly once; false when this batch was added already.
    ///
    /// So after `.connectionLost` and `.timedOut`, when it is unknown whether it was added, the call can be repeated:
    /// nothing is lost or counted twice.
    ///
    /// - Parameters:
    ///   - publisher: unique for each run of a program.
    ///   - sequence: of the batch, larger than that of the publisher's last batch.
    package func add(
        _ counts: MetricCounts, from publisher: String, sequence: Int64
    ) throws(RedisError) -> Bool {
        // The hash tag keeps both keys on one node of a Redis Cluster.
        let batchKey = "\(MetricStore.countsKey):batch:\(publisher)"
        var call = ScriptCall(
            MetricScripts.add, keys: [MetricStore.countsKey, batchKey], String(sequence),
            String(MetricStore.batchLifetimeSeconds), String(seriesLimit))
        for (field, count) in counts.fields {
            call.append(field.name)
            call.append(field.overflow.name)
            call.append(count)
        }
        return try connection.run(call).count(key: MetricStore.countsKey) == 1
    }

    package func counts() throws(RedisError) -> MetricCounts {
        var request = RedisRequest()
        request.append("HGETALL", MetricStore.countsKey)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        let values = try reply.list(key: MetricStore.countsKey)
        var counts = MetricCounts()
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            guard let field = values[index].string.flatMap(MetricField.init(parsing:)),
                let count = values[index + 1].number
            else { continue }
            counts.add(count, to: field)
        }
        return counts
    }

    /// Stores a worker's heartbeat; false when too many others are alive.
    ///
    /// - Parameter lifetime: how long the worker counts as alive without another heartbeat.
    package func report(_ worker: WorkerReport, lifetime: Duration) throws(RedisError) -> Bool {
        let call = ScriptCall(
            MetricScripts.report, keys: [MetricStore.workersKey], worker.consumer,
            String(max(1, lifetime.milliseconds)), String(MetricStore.maximumWorkers), worker.value)
        return try connection.run(call).count(key: MetricStore.workersKey) == 1
    }

    /// Redis' clock; nil when Redis does not report it.
    package func time() throws(RedisError) -> Timestamp? {
        var request = RedisRequest()
        request.append("TIME")
        let parts = try connection.values(of: request, isRepeatable: true).first?.elements ?? []
        guard parts.count == 2, let seconds = parts[0].number, let microseconds = parts[1].number else { return nil }
        let time = Timestamp(clamping: Int64(clampingProduct: seconds, 1_000_000))
        return Timestamp(clamping: time.microseconds + min(max(microseconds, 0), 999_999))
    }

    /// Removes a worker that has stopped.
    package func withdraw(consumer: String) throws(RedisError) {
        var request = RedisRequest()
        request.append("HDEL", MetricStore.workersKey, consumer)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        _ = try reply.count(key: MetricStore.workersKey)
    }

    package func workers() throws(RedisError) -> [WorkerReport] {
        let call = ScriptCall(MetricScripts.workers, keys: [MetricStore.workersKey])
        let values = try connection.run(call, isRepeatable: true).list(key: MetricStore.workersKey, atLeast: 1)
        let now = values[0].number ?? 0
        return stride(from: 1, to: values.count - 1, by: 2).compactMap { index in
            guard let consumer = values[index].string, let value = values[index + 1].string else { return nil }
            return WorkerReport(consumer: consumer, value: value, nowMilliseconds: now)
        }.sorted { $0.consumer < $1.consumer }
    }
}

/// Reads the fleet's counts. One object serves one thread.
package protocol MetricReading: AnyObject {
    /// The total counts of all workers.
    func counts() throws(RedisError) -> MetricCounts

    /// The live workers, by name.
    func workers() throws(RedisError) -> [WorkerReport]
}
