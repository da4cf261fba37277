package import Model
package import Redis
import System

/// The redelivery jobs of all apps, in Redis: creates and cancels them, and gives their steps to workers. One object
/// serves one thread.
///
/// A step is done by one worker. Where that ends in the middle, another one does the step again; idempotency keys
/// recognize the events that were redelivered already, for as long as the queue remembers these keys.
package final class RedeliveryJobs {
    /// An app's jobs that have not ended.
    package static let maximumActive = 5
    /// The jobs of an app that are listed.
    package static let maximumListed = 25
    /// How long a job can be looked up after its last step: 7 days.
    package static let lifetimeSeconds = 7 * 86_400
    /// How long a request to create a job is recognized by its idempotency key.
    static let idempotencySeconds = 86_400

    private let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    /// What became of a request to create a job.
    package enum Creation: Hashable, Sendable {
        case created
        /// A job with this id was created with the same idempotency key before.
        case duplicate(of: String)
        /// The app has `maximumActive` jobs that have not ended.
        case tooMany
    }

    /// Creates a job, which is due at once.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown whether it was created; the call may be repeated with the
    /// same idempotency key.
    package func create(_ job: RedeliveryJob, idempotencyKey: String?) throws(RedisError) -> Creation {
        var keys = [RedeliveryKeys.active, RedeliveryKeys.job(job.id), RedeliveryKeys.list(appID: job.appID)]
        if let idempotencyKey { keys.append(RedeliveryKeys.idempotency(idempotencyKey, appID: job.appID)) }
        var call = ScriptCall(
            RedeliveryScripts.create, keys: keys, job.id, RedeliveryKeys.member(job.id, appID: job.appID),
            String(Self.maximumActive), String(Self.maximumListed), String(Self.lifetimeSeconds),
            String(Self.idempotencySeconds), String(job.createdAt.microseconds))
        for field in job.initialFields { call.append(field) }
        let reply = try connection.run(call).list(key: RedeliveryKeys.active, atLeast: 1)
        switch (reply[0].string, reply.last?.string) {
        case ("created", _): return .created
        case ("duplicate", let id?): return .duplicate(of: id)
        case ("many", _): return .tooMany
        default: throw .unexpectedReply("the creation of a redelivery job returned no result")
        }
    }

    /// The job with this id; nil when the app has none.
    package func job(id: String, appID: Int64) throws(RedisError) -> RedeliveryJob? {
        try jobs(ids: [id]).first.flatMap { $0.appID == appID ? $0 : nil }
    }

    /// The jobs of an app, the newest first.
    package func jobs(appID: Int64) throws(RedisError) -> [RedeliveryJob] {
        let key = RedeliveryKeys.list(appID: appID)
        var request = RedisRequest()
        request.append("ZRANGE", key, String(-Self.maximumListed), "-1")
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        return try jobs(ids: try reply.list(key: key).compactMap(\.string).reversed())
    }

    /// Ends a job. What it has put into the queue stays there.
    ///
    /// - Returns: the job as it is then; nil when the app has none with this id.
    package func cancel(id: String, appID: Int64, now: Timestamp) throws(RedisError) -> RedeliveryJob? {
        guard try job(id: id, appID: appID) != nil else { return nil }
        let call = ScriptCall(
            RedeliveryScripts.cancel, keys: [RedeliveryKeys.active, RedeliveryKeys.job(id)],
            RedeliveryKeys.member(id, appID: appID), String(now.microseconds), String(Self.lifetimeSeconds))
        _ = try connection.run(call).count(key: RedeliveryKeys.job(id))
        return try job(id: id, appID: appID)
    }

    private func jobs(ids: [String]) throws(RedisError) -> [RedeliveryJob] {
        guard !ids.isEmpty else { return [] }
        var request = RedisRequest()
        for id in ids { request.append("HGETALL", RedeliveryKeys.job(id)) }
        var jobs: [RedeliveryJob] = []
        for (id, reply) in zip(ids, try connection.values(of: request, isRepeatable: true)) {
            let fields = try reply.list(key: RedeliveryKeys.job(id))
            if let job = RedeliveryJob(id: id, FieldReader(fields)) { jobs.append(job) }
        }
        return jobs
    }
}

/// What workers do.
extension RedeliveryJobs {
    /// Begins the next step of the job that has been due for the longest time.
    ///
    /// - Parameter lease: how long the step may take, before another worker begins it again.
    /// - Returns: nil when no step is due.
    package func begin(lease: Duration) throws(RedisError) -> RedeliveryJob? {
        let call = ScriptCall(RedeliveryScripts.begin, keys: [RedeliveryKeys.active], String(lease.milliseconds))
        guard let member = try connection.run(call).checked(key: RedeliveryKeys.active).string,
            let id = RedeliveryKeys.id(ofMember: member)
        else { return nil }
        if let job = try jobs(ids: [id]).first, job.state.isActive { return job }
        // The job has expired, or Redis has lost it.
        var request = RedisRequest()
        request.append("ZREM", RedeliveryKeys.active, member)
        _ = try connection.values(of: request, isRepeatable: true)
        return nil
    }

    /// Finishes a step.
    ///
    /// - Parameters:
    ///   - job: as `begin` has returned it.
    ///   - next: the job after the step: its state, its counts, its reason and its position.
    ///   - pause: until the next step.
    /// - Returns: false when the job was cancelled meanwhile, or another worker has finished the step.
    @discardableResult
    package func finish(
        _ job: RedeliveryJob, next: RedeliveryJob, pause: Duration, now: Timestamp
    ) throws(RedisError) -> Bool {
        let (old, new) = (job.cursor?.last, next.cursor?.last)
        var call = ScriptCall(
            RedeliveryScripts.finish, keys: [RedeliveryKeys.active, RedeliveryKeys.job(job.id)],
            RedeliveryKeys.member(job.id, appID: job.appID), old?.member ?? "", String(pause.milliseconds),
            next.state.isActive ? "1" : "0", String(now.microseconds), String(Self.lifetimeSeconds))
        call.append(RedeliveryJob.Field.state)
        call.append(next.state.rawValue)
        call.append(RedeliveryJob.Field.reason)
        call.append(next.reason ?? "")
        if let new {
            call.append(RedeliveryJob.Field.cursorScore)
            call.append(new.score)
            call.append(RedeliveryJob.Field.cursorID)
            call.append(new.member)
        }
        for (name, path) in RedeliveryJob.countFields {
            call.append(name)
            call.append(next.counts[keyPath: path])
        }
        return try connection.run(call).count(key: RedeliveryKeys.job(job.id)) == 1
    }
}

/// The keys of the jobs. All are of one slot, so that a script can change a job and the list of those that are due.
private enum RedeliveryKeys {
    /// Sorted set: jobs that have not ended, by the time in milliseconds at which the next step is due.
    static let active = "hookline:{redelivery}:active"
    /// Hash, expires: one job.
    static func job(_ id: String) -> String { "hookline:{redelivery}:job:\(id)" }
    /// Sorted set, expires: ids of an app's jobs, by the time they were created.
    static func list(appID: Int64) -> String { "hookline:{redelivery}:app:\(appID)" }
    /// String, expires: the job that was created with an idempotency key.
    static func idempotency(_ key: String, appID: Int64) -> String {
        "hookline:{redelivery}:idempotency:\(appID):\(key)"
    }

    /// A member of `active`.
    static func member(_ id: String, appID: Int64) -> String { "\(appID):\(id)" }
    static func id(ofMember member: String) -> String? { member.split(separator: ":").last.map(String.init) }
}

/// The atomic steps.
private enum RedeliveryScripts {
    private static let clock = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)

        """

    /// KEYS: active, job, the app's list, and perhaps an idempotency key. ARGV: id, member, most active jobs, most
    /// listed jobs, lifetime, lifetime of idempotency keys, time of creation, then names and values.
    static let create = RedisScript(
        clock + """
            if KEYS[4] then
                local known = redis.call('GET', KEYS[4])
                if known then return {'duplicate', known} end
            end
            local active, ended = 0, {}
            local app = string.match(ARGV[2], '^[^:]*:')
            for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
                if redis.call('ZSCORE', KEYS[1], app .. id) then
                    active = active + 1
                else
                    ended[#ended + 1] = id
                end
            end
            if active >= tonumber(ARGV[3]) then return {'many'} end
            for i = 1, math.min(#ended, active + #ended + 1 - ARGV[4]) do redis.call('ZREM', KEYS[3], ended[i]) end
            redis.call('HSET', KEYS[2], unpack(ARGV, 8))
            redis.call('EXPIRE', KEYS[2], ARGV[5])
            redis.call('ZADD', KEYS[3], ARGV[7], ARGV[1])
            redis.call('EXPIRE', KEYS[3], ARGV[5])
            redis.call('ZADD', KEYS[1], now, ARGV[2])
            if KEYS[4] then redis.call('SET', KEYS[4], ARGV[1], 'EX', ARGV[6]) end
            return {'created'}
            """)

    /// KEYS: active. ARGV: lease in milliseconds. Returns the member whose step is due, or false.
    static let begin = RedisScript(
        clock + """
            local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
            if not due then return false end
            redis.call('ZADD', KEYS[1], now + ARGV[1], due)
            return due
            """)

    /// KEYS: active, job. ARGV: member, the last event before the step, pause in milliseconds, 1 = there is a next
    /// step, time, lifetime, then names and values. Returns 0 when another has changed the job.
    static let finish = RedisScript(
        clock + """
            local state, last = unpack(redis.call('HMGET', KEYS[2], 'state', 'cursor-id'))
            if state ~= 'waiting' and state ~= 'running' then
                redis.call('ZREM', KEYS[1], ARGV[1])
                return 0
            end
            if (last or '') ~= ARGV[2] then return 0 end
            redis.call('HSET', KEYS[2], unpack(ARGV, 7))
            redis.call('EXPIRE', KEYS[2], ARGV[6])
            if ARGV[4] == '1' then
                redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
            else
                redis.call('ZREM', KEYS[1], ARGV[1])
                redis.call('HSET', KEYS[2], 'finished', ARGV[5])
            end
            return 1
            """)

    /// KEYS: active, job. ARGV: member, time, lifetime. Returns 0 when the job had ended.
    static let cancel = RedisScript(
        """
        redis.call('ZREM', KEYS[1], ARGV[1])
        local state = redis.call('HGET', KEYS[2], 'state')
        if state ~= 'waiting' and state ~= 'running' then return 0 end
        redis.call('HSET', KEYS[2], 'state', 'cancelled', 'reason', '', 'finished', ARGV[2])
        redis.call('EXPIRE', KEYS[2], ARGV[3])
        return 1
        """)
}

/// What endpoints do with redelivery jobs. One object serves one thread.
package protocol RedeliveryJobManaging: AnyObject {
    /// See `RedeliveryJobs.create`.
    func create(_ job: RedeliveryJob, idempotencyKey: String?) throws(RedisError) -> RedeliveryJobs.Creation
    /// See `RedeliveryJobs.job`.
    func job(id: String, appID: Int64) throws(RedisError) -> RedeliveryJob?
    /// See `RedeliveryJobs.jobs`.
    func jobs(appID: Int64) throws(RedisError) -> [RedeliveryJob]
    /// See `RedeliveryJobs.cancel`.
    func cancel(id: String, appID: Int64, now: Timestamp) throws(RedisError) -> RedeliveryJob?
}

extension RedeliveryJobs: RedeliveryJobManaging {}
