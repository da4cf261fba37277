package import Redis
import System

/// The counts of all workers in Redis, and who of them is alive. One object serves one thread.
///
/// `hookline:{metrics}` is a hash of numbers that only grow (`MetricField` names them); it outlives workers, so that
/// responders without a memory of their own answer for all of them. `hookline:workers` is a hash of what each worker last
/// said. Both hold a bounded number of fields.
package final class MetricStore: MetricReading {
    static let countsKey = "hookline:{metrics}"
    static let workersKey = "hookline:workers"
    /// More workers than this are not listed.
    static let maximumWorkers = 1000
    /// How long it is remembered which batch of a publisher came last.
    static let batchLifetimeSeconds = 86400

    private let connection: RedisConnection
    private let seriesLimit: Int

    /// - Parameter seriesLimit: fields of the hash; what is new beyond them is counted as `other`.
    package init(connection: RedisConnection, seriesLimit: Int = MetricCounts.defaultSeriesLimit) {
        self.connection = connection
        self.seriesLimit = seriesLimit
    }

    /// Adds what a publisher counted, exactly once however often it is said: false when this batch is there already.
    ///
    /// So after `.connectionLost` and `.timedOut`, when it is not known whether it was added, the same call again is
    /// right: nothing is lost and nothing is counted twice.
    ///
    /// - Parameters:
    ///   - publisher: what nobody else says, another run of the same program neither.
    ///   - sequence: the number of the batch, larger than the publisher's before.
    package func add(
        _ counts: MetricCounts, from publisher: String, sequence: Int64
    ) throws(RedisError) -> Bool {
        // The braces put both on the same node of a Redis Cluster.
        let batchKey = "\(MetricStore.countsKey):batch:\(publisher)"
        var call = ScriptCall(
            MetricScripts.add, keys: [MetricStore.countsKey, batchKey], String(sequence),
            String(MetricStore.batchLifetimeSeconds), String(seriesLimit))
        for (field, count) in counts.fields {
            call.append(field.text)
            call.append(field.overflow.text)
            call.append(count)
        }
        return try connection.run(call).count(key: MetricStore.countsKey) == 1
    }

    package func counts() throws(RedisError) -> MetricCounts {
        var request = RedisRequest()
        request.append("HGETALL", MetricStore.countsKey)
        let answer = try connection.values(of: request, isRepeatable: true).first ?? .null
        let values = try answer.list(key: MetricStore.countsKey)
        var counts = MetricCounts()
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            guard let field = values[index].string.flatMap(MetricField.init(parsing:)),
                let count = values[index + 1].number
            else { continue }
            counts.add(count, to: field)
        }
        return counts
    }

    /// Says that a worker is alive; false when too many others are.
    ///
    /// - Parameter lifetime: how long it counts as alive without saying so again.
    package func report(_ worker: WorkerReport, lifetime: Duration) throws(RedisError) -> Bool {
        let call = ScriptCall(
            MetricScripts.report, keys: [MetricStore.workersKey], worker.consumer,
            String(max(1, lifetime.milliseconds)), String(MetricStore.maximumWorkers), worker.text)
        return try connection.run(call).count(key: MetricStore.workersKey) == 1
    }

    /// Says that a worker has stopped.
    package func withdraw(consumer: String) throws(RedisError) {
        var request = RedisRequest()
        request.append("HDEL", MetricStore.workersKey, consumer)
        let answer = try connection.values(of: request, isRepeatable: true).first ?? .null
        _ = try answer.count(key: MetricStore.workersKey)
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
