import Buffer
package import Directory
package import Model
package import Queue
package import Redis
package import WebhookRules

/// The settings of Redis, the directory and the queue, which mean the same in every program.
package struct StoreSettings: Sendable {
    package var redis: RedisEndpoint
    /// Where circuit breakers are; nil = where everything else is.
    package var breakerRedis: RedisEndpoint?
    package var redisConnectMilliseconds: Int
    package var redisCommandMilliseconds: Int
    package var directory: DirectoryLocation
    /// The folder with the keys of encrypted values in the directory; nil = there is none.
    package var encryptionKeys: String?
    /// The file with the keys that encrypt the directory's secrets; nil = they are stored unencrypted.
    package var secretKeyFile: String?
    /// Opens `directory`: what this program links decides which kinds it can use.
    package var opener: any DirectoryOpening
    package var events: EventCatalogue
    /// Whether `events` are those of the rules that are followed, and not a list of the settings.
    package var followsEventsOfRules: Bool
    package var queue: QueueSettings

    /// A connection that is not established yet: Redis may be down.
    ///
    /// - Parameters:
    ///   - retainedBytes: size of the reply buffer that it keeps between commands; nil = the default.
    ///   - state: shared by the connections of a process that has a monitor.
    package func makeConnection(retainedBytes: Int? = nil, state: RedisServerState? = nil) -> RedisConnection {
        var limits = replyLimits
        limits.retainedBytes = retainedBytes ?? limits.retainedBytes
        return RedisConnection(
            endpoint: redis, connectTimeout: .milliseconds(redisConnectMilliseconds),
            commandTimeout: .milliseconds(redisCommandMilliseconds), limits: limits, state: state)
    }

    /// A connection to the Redis of circuit breakers. It does not wait for long: without Redis they count as closed.
    ///
    /// - Parameter connection: to the other Redis; it is returned where that has the circuit breakers.
    package func makeBreakerConnection(sharing connection: RedisConnection) -> RedisConnection {
        guard let breakerRedis else { return connection }
        return RedisConnection(
            endpoint: breakerRedis, connectTimeout: .milliseconds(min(redisConnectMilliseconds, 500)),
            commandTimeout: .milliseconds(min(redisCommandMilliseconds, 500)))
    }

    /// The directory, which connects at the first lookup.
    ///
    /// - Throws: nothing for a location that the settings accepted.
    package func openDirectory(
        limits: DirectoryLimits = DirectoryLimits()
    ) throws(DirectoryError) -> any DirectoryDatabase {
        var limits = limits
        limits.encryptionKeys = encryptionKeys
        limits.secretKeyFile = secretKeyFile
        return try opener.open(directory, limits: limits)
    }

    /// A monitor that keeps `state` up to date once it is started.
    ///
    /// - Parameter report: called for each change, on the monitor's thread.
    package func makeMonitor(
        _ state: RedisServerState, report: @escaping @Sendable (RedisMonitor.Event) -> Void
    ) -> RedisMonitor {
        RedisMonitor(state: state, makeConnection: { makeConnection(retainedBytes: 0) }, report: report)
    }

    /// The limits of replies from Redis.
    package var replyLimits: ReplyLimits {
        var limits = ReplyLimits()
        limits.maximumElementBytes = max(limits.maximumElementBytes, queue.maximumPayloadBytes)
        return limits
    }
}

/// The limits of the queue of events, and how long its data is kept.
package struct QueueSettings: Hashable, Sendable {
    package var shardCount: Int
    package var maximumDepth: Int
    /// Of the memory of its entries and dead letters.
    package var maximumBytes: Int
    /// Of the body of an enqueue request.
    package var maximumEventBytes: Int
    /// Of the body of a webhook that is relayed.
    package var maximumRelayBytes: Int
    package var idempotencySeconds: Int
    /// How long payloads are kept for redelivery; 0 = they are not kept.
    package var payloadSeconds: Int
    /// Of the memory of these payloads, and of the details of attempts.
    package var archiveMaximumBytes: Int
    /// Of the memory of those of one app.
    package var appArchiveBytes: Int
    /// Bytes of each body in the details of an attempt.
    package var detailsBytes: Int

    package init(
        shardCount: Int, maximumDepth: Int, maximumBytes: Int = 1 << 30, maximumEventBytes: Int,
        maximumRelayBytes: Int = 1 << 20,
        idempotencySeconds: Int, payloadSeconds: Int, archiveMaximumBytes: Int = 1 << 30,
        appArchiveBytes: Int = 64 << 20, detailsBytes: Int = 16 << 10
    ) {
        self.shardCount = shardCount
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
        self.maximumEventBytes = maximumEventBytes
        self.maximumRelayBytes = maximumRelayBytes
        self.idempotencySeconds = idempotencySeconds
        self.payloadSeconds = payloadSeconds
        self.archiveMaximumBytes = archiveMaximumBytes
        self.appArchiveBytes = appArchiveBytes
        self.detailsBytes = detailsBytes
    }

    /// The maximum size of one entry's payload.
    package var maximumPayloadBytes: Int {
        max(
            DeliveryQueueSettings.maximumPayloadBytes(forEventBytes: maximumEventBytes),
            RelayedWebhook.maximumPayloadBytes(forBodyBytes: maximumRelayBytes))
    }

    /// The queue of events.
    package var events: DeliveryQueueSettings {
        DeliveryQueueSettings(
            name: "events", shardCount: shardCount, maximumDepth: maximumDepth, maximumBytes: maximumBytes,
            maximumPayloadBytes: maximumPayloadBytes, idempotencyLifetimeSeconds: idempotencySeconds)
    }

    /// The limits of the payload archive; nil when payloads are not kept.
    package var archive: ArchiveLimits? {
        payloadSeconds == 0
            ? nil
            : ArchiveLimits(
                lifetimeSeconds: payloadSeconds, maximumPayloadBytes: maximumPayloadBytes,
                maximumBytes: archiveMaximumBytes, maximumAppBytes: appArchiveBytes)
    }
}

extension QueueSettings {
    /// Limits that leave no room for the largest event: programs start, and such events are refused.
    package var warnings: [String] {
        let least = events.leastMaximumBytes
        guard maximumBytes < least else { return [] }
        let shards = shardCount == 1 ? "" : " and \(Setting.queueShards.variable)=\(shardCount)"
        return [
            "\(Setting.queueMaximumBytes.variable) is \(maximumBytes), too little for the largest event: "
                + "\(Setting.maximumEventBytes.variable)=\(maximumEventBytes)\(shards) needs at least \(least)"
        ]
    }
}

extension SettingReader {
    /// Redis, the directory and the queue; nil, and at least one error, when an address is invalid.
    ///
    /// - Parameter opener: opens the directory.
    package mutating func stores(opener: any DirectoryOpening) -> StoreSettings? {
        let (redis, directory, events) = (redis(.redis), directory(opener: opener), events())
        let breakerRedis = text(.breakerRedis) == nil ? nil : self.redis(.breakerRedis)
        let connect = number(.redisConnectMilliseconds)
        let command = number(.redisCommandMilliseconds)
        let queue = queue()
        guard let redis, let directory, let events else { return nil }
        return StoreSettings(
            redis: redis, breakerRedis: breakerRedis, redisConnectMilliseconds: connect,
            redisCommandMilliseconds: command, directory: directory, encryptionKeys: text(.encryptionKeys),
            secretKeyFile: text(.secretKeyFile), opener: opener, events: events,
            followsEventsOfRules: text(.events) == Setting.events.defaultValue,
            queue: queue)
    }

    /// The limits of the queue; with errors when they are invalid.
    package mutating func queue() -> QueueSettings {
        QueueSettings(
            shardCount: number(.queueShards), maximumDepth: number(.queueMaximumDepth),
            maximumBytes: number(.queueMaximumBytes), maximumEventBytes: number(.maximumEventBytes),
            maximumRelayBytes: number(.maximumRelayBytes),
            idempotencySeconds: number(.idempotencySeconds), payloadSeconds: number(.payloadSeconds),
            archiveMaximumBytes: number(.archiveMaximumBytes), appArchiveBytes: number(.appArchiveBytes),
            detailsBytes: number(.detailsBytes))
    }

    /// The events that can be sent and queried; nil, and an error, when they or the release are invalid.
    ///
    /// Where only the tables of a database can say which release's they are, those of every release.
    package mutating func events() -> EventCatalogue? {
        guard text(.events) == Setting.events.defaultValue else {
            return value(.events, "auto, 23.7, 26, or a list of names such as issue.created,error.created") {
                EventCatalogue(setting: $0)
            }
        }
        guard let choice = protocolChoice() else { return nil }
        let isKnown = if case .sqlite = try? DirectoryLocation(parsing: values[.directory].text) { true } else { false }
        return choice.rules(fitting: isKnown ? nil : ProtocolRelease.known).events
    }

    /// An address of Redis; nil, and an error, when it is invalid.
    package mutating func redis(_ setting: Setting = .redis) -> RedisEndpoint? {
        do throws(RedisEndpointError) {
            let endpoint = try RedisEndpoint(parsing: values[setting].text)
            refuseSecretFlag(setting, hasSecret: endpoint.password != nil)
            return endpoint
        } catch {
            return refuse(setting, error.description)
        }
    }

    /// The address of the directory; nil, and an error, when it is invalid or `opener` cannot use it.
    package mutating func directory(opener: any DirectoryOpening) -> DirectoryLocation? {
        do throws(DirectoryLocation.ParseError) {
            let location = try DirectoryLocation(parsing: values[.directory].text)
            refuseSecretFlag(.directory, hasSecret: location.hasPassword)
            try opener.validate(location)
            return location
        } catch {
            return refuse(.directory, error.description)
        }
    }
}

/// The rules of deliveries, which must be the same for the worker, which follows them, and for programs that explain
/// them.
extension SettingReader {
    /// How webhooks are made of events; with errors when a setting is invalid.
    ///
    /// - Parameter events: nil when these are invalid, which is an error already.
    package mutating func plan(events: EventCatalogue?) -> PlanSettings {
        var plan = PlanSettings(
            events: events ?? .version23Dot7, timeout: milliseconds(.webhookTimeoutMilliseconds),
            protocolChoice: protocolChoice() ?? .release(.default), enforcesDisabling: isOn(.disabledEnforcement))
        plan.names = platformNames()
        let minimum = milliseconds(.webhookMinimumTimeoutMilliseconds)
        let maximum = milliseconds(.webhookMaximumTimeoutMilliseconds)
        if minimum <= maximum {
            plan.timeoutRange = minimum...maximum
        } else {
            let minimum = Setting.webhookMinimumTimeoutMilliseconds.variable
            report(
                .refused(
                    setting: Setting.webhookMaximumTimeoutMilliseconds.variable, reason: "it is less than \(minimum)"))
        }
        return plan
    }

    /// The delivery policies with everything that single settings override; with errors when a setting is invalid.
    ///
    /// A setting that is set overrides both policies; each has its own defaults of the others.
    package mutating func deliveryPolicies() -> DeliveryPolicies {
        let name = choice(.policy, fallback: DeliveryPolicy.Name.sentry)
        let others = DeliveryPolicy.Name.allCases.filter { $0 != name }.map { other in
            // The same settings: their errors are found below.
            var reader = SettingReader(values.withDefaults(of: other))
            return reader.deliveryPolicy(other)
        }
        return DeliveryPolicies(deliveryPolicy(name), others: others)
    }

    private mutating func deliveryPolicy(_ name: DeliveryPolicy.Name) -> DeliveryPolicy {
        var policy = DeliveryPolicy(name)
        policy.retry.delays = numbers(.retryDelays).map { .seconds($0) }
        policy.retry.jitterPercent = number(.retryJitterPercent)
        policy.retry.maximumRetryAfter = seconds(.retryAfterMaximumSeconds)
        policy.retry.apps = choice(.retryApps, fallback: policy.retry.apps)
        policy.autoDisable.apps = choice(.disableApps, fallback: policy.autoDisable.apps)
        policy.autoDisable.rule = policy.autoDisable.rule.with(
            dayCount: number(.disableDays),
            timeoutThreshold: text(.disableTimeouts) == "off" ? nil : number(.disableTimeouts))
        policy.autoDisable.warningPercents = Set(numbers(.disableWarnings)).sorted()
        policy.details = choice(.logDetails, fallback: policy.details)
        follow(&policy)
        return policy
    }

    /// What follows the release of the original, unless a setting decides.
    private mutating func follow(_ policy: inout DeliveryPolicy) {
        if values[.disableApps].source != .defaultValue { policy.following.remove(.automaticDisabling) }
        var breaker = CircuitBreakerSettings()
        breaker.windowSeconds = Int64(number(.breakerWindowSeconds))
        breaker.openSeconds = Int64(number(.breakerOpenSeconds))
        breaker.threshold = Double(number(.breakerPercent)) / 100
        breaker.floor = Int64(number(.breakerFloor))
        breaker.errors = choice(.breakerErrors, fallback: breaker.errors)
        switch choice(.breaker, fallback: BreakerChoice.auto) {
        case .on:
            policy.breaker = breaker
            policy.following.remove(.breaker)
        case .auto: policy.breaker = policy.following.contains(.breaker) && mayFollow(.circuitBreaker) ? breaker : nil
        case .off: policy.breaker = nil
        }
    }

    /// Whether the release has the change; under `auto` it is not known before the directory was asked.
    private mutating func mayFollow(_ change: ProtocolChange) -> Bool {
        switch protocolChoice() {
        case .release(let release): release.includes(change)
        case .auto, nil: true
        }
    }

    private enum BreakerChoice: String, CaseIterable {
        case auto, on, off
    }
}
