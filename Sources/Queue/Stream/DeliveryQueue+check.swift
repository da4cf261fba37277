import Model
package import Redis
import System

extension DeliveryQueue {
    /// How long what a check has written lives if it cannot remove it.
    private static let checkLifetime = Duration.seconds(10)

    /// Tries every write that programs do with a queue, with the scripts that they use, on a queue of its own that
    /// exists for a moment: a Redis that can be read may still refuse writes, or scripts, or this user.
    ///
    /// - Throws: `refused` with Redis' words.
    package static func checkWrites(on connection: RedisConnection) throws(RedisError) {
        // Several checks may run at the same time.
        let name = "check-" + EventIDSource.random.next()
        let queue = DeliveryQueue(connection: connection, settings: DeliveryQueueSettings(name: name))
        try queue.createKeysThatExpire()
        do throws(RedisError) {
            try queue.exerciseScripts()
        } catch {
            // The reason for the failure matters more than what is left for some seconds.
            try? queue.removeKeys()
            throw error
        }
        try queue.removeKeys()
    }

    private var allKeys: [String] { shards.flatMap(\.all) }

    private func createKeysThatExpire() throws(RedisError) {
        let call = ScriptCall(
            QueueScripts.createForCheck, keys: allKeys, String(DeliveryQueue.checkLifetime.milliseconds))
        _ = try connection.run(call).checked(key: shards[0].stream)
    }

    private func removeKeys() throws(RedisError) {
        var request = RedisRequest()
        request.begin(argumentCount: allKeys.count + 1)
        request.appendArgument("DEL")
        for key in allKeys { request.appendArgument(key) }
        _ = try connection.values(of: request, isRepeatable: false).first?.checked(key: shards[0].stream)
    }

    private func exerciseScripts() throws(RedisError) {
        let (consumer, now) = ("check", clock.now())
        for delay in [Int64(0), 0, 0, 0, 60] {
            let entry = QueueEntry(
                id: EventIDSource.random.next(), appID: 0, event: "check", enqueuedAt: now, payload: [],
                dueAt: now.adding(seconds: delay))
            _ = try enqueue(entry)
        }
        let deliveries = try receive(consumer: consumer, count: 4)
        guard deliveries.count == 4 else { throw .unexpectedReply("a queue did not return what it had accepted") }
        _ = try renew(deliveries)
        let due = now.adding(seconds: 60)
        let settlements: [Settlement] = [
            .acknowledge(deliveries[0]), .retry(deliveries[1], at: due, attempt: 2),
            .deadLetter(deliveries[2], reason: "check", at: now), .drop(deliveries[3], reason: "check"),
        ]
        for outcome in settle(settlements) {
            guard try outcome.checked() == .settled else {
                throw .unexpectedReply("a queue did not settle what it had delivered")
            }
        }
        // The notes about dropped entries would outlive the check.
        try createKeysThatExpire()
        // Settling does not depend on the note, so that only this tells whether it was refused.
        guard case .dropped = try place(of: deliveries[3].entry.id, appID: 0) else {
            throw .unexpectedReply("a queue did not note what it had dropped")
        }
        _ = try promoteDue(leeway: .seconds(120))
        _ = try receive(consumer: consumer, count: 1)
        _ = try takeBack(consumer: consumer, held: [], count: 1)
        _ = try claim(consumer: consumer, idleLongerThan: .zero, count: 1)
        _ = try beginIsolation(consumer: consumer, lifetime: DeliveryQueue.checkLifetime)
        _ = try claimAlone(consumer: consumer, idleLongerThan: .zero)
        try endIsolation(consumer: consumer)
        _ = try redriveAll(now: now)
        _ = try statistics()
        _ = try removeConsumers(idleLongerThan: .zero, named: consumer)
        try checkAllIndexes()
    }
}

extension QueueKeys {
    /// Those that exist beside idempotency keys.
    fileprivate var all: [String] {
        [
            stream, scheduled, scheduledEntries, scheduledByApp, dead, deadEntries, deadByApp, counters, usage, dropped,
            droppedTimes,
        ]
    }
}

extension QueueScripts {
    /// KEYS: of a shard, in the order stream, scheduled, scheduled entries, scheduled by app, dead, dead entries, dead
    /// by app, counters, usage, dropped, times of the dropped. ARGV: lifetime in milliseconds. What is added keeps the
    /// keys, and with them their expiry, while a check runs; it is no entry, and not what the other scripts remove to
    /// try whether they may.
    fileprivate static let createForCheck = RedisScript(
        """
        redis.call('XDEL', KEYS[1], redis.call('XADD', KEYS[1], '*', 'check', ''))
        for _, i in ipairs({2, 4, 5, 7, 11}) do redis.call('ZADD', KEYS[i], '+inf', 'check') end
        for _, i in ipairs({3, 6, 9, 10}) do redis.call('HSET', KEYS[i], '-', '') end
        redis.call('HSET', KEYS[8], 'discarded', 0)
        for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1]) end
        return 1
        """)
}
