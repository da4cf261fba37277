package import Directory
package import Logging
package import Model
package import Queue
package import Redis
package import WebhookRules

/// Counts the results of webhooks for the circuit breakers, and notifies the owners of an app whose breaker opens. One
/// object serves one thread.
package protocol CircuitObserving: CircuitBreakerReading {
    /// Counts results; returns the breakers that were opened.
    func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> [CircuitName: CircuitState]
}

/// See `CircuitObserving`.
package final class CircuitObserver: CircuitObserving {
    private let breakers: CircuitBreakers
    private let policies: DeliveryPolicies
    private let directory: any DeliveryDirectory
    private let mails: OwnerMails
    private let metrics: any DeliveryMetrics
    private let log: Logger

    /// - Parameters:
    ///   - connection: of the breakers' Redis.
    ///   - policies: say which apps have a breaker.
    ///   - mailQueue: nil when there is no mail server; a warning is logged instead of mails.
    ///   - baseURL: of the pages that mails link to.
    ///   - links: whose pages they are.
    package init(
        connection: RedisConnection, policies: DeliveryPolicies, directory: any DeliveryDirectory,
        mailQueue: DeliveryQueue?, baseURL: String, links: AutoDisableNotice.Links,
        metrics: any DeliveryMetrics, log: Logger
    ) {
        breakers = CircuitBreakers(
            connection: connection, settings: policies.breaker ?? CircuitBreakerSettings())
        self.policies = policies
        self.directory = directory
        mails = OwnerMails(directory: directory, queue: mailQueue, baseURL: baseURL, links: links, log: log)
        self.metrics = metrics
        self.log = log
    }

    package func states(of names: [CircuitName], at now: Timestamp) throws(RedisError) -> [CircuitState] {
        try breakers.states(of: names, at: now)
    }

    package func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> [CircuitName:
        CircuitState]
    {
        var tallies: [CircuitName: CircuitTally] = [:]
        for attempt in attempts {
            let webhook = attempt.webhook
            guard webhook.hasBreaker else { continue }
            guard let breaker = policies.policy(of: webhook).breaker else { continue }
            let name = webhook.circuitName
            switch attempt.circuitResult(breaker.errors) {
            case .error: tallies[name, default: CircuitTally(name)].errors += 1
            case .success: tallies[name, default: CircuitTally(name)].successes += 1
            case nil: break
            }
        }
        let opened = try breakers.record(Array(tallies.values), at: now)
        for (name, state) in opened {
            guard case .open(let end) = state, let attempt = attempts.last(where: { $0.webhook.circuitName == name })
            else { continue }
            let (app, target) = (attempt.webhook.app, attempt.webhook.relay?.target)
            metrics.countBreakerOpening()
            report(app, target, until: Timestamp(seconds: end))
            notifyOwners(of: app, target, name, until: Timestamp(seconds: end), now: now)
        }
        return opened
    }

    private func report(_ app: SentryApp, _ target: String?, until end: Timestamp) {
        var metadata: Logger.Metadata = [
            "sentryapp_slug": "\(app.slug)", "until": "\(end.iso8601Description)",
        ]
        guard let target else {
            log.warning(
                "the circuit breaker of an app has opened: it gets no webhooks for a while", metadata: metadata)
            return
        }
        metadata["target"] = "\(target)"
        log.warning("the circuit breaker of a target has opened: it gets no webhooks for a while", metadata: metadata)
    }

    /// Tried once only; a failure is logged, and says nothing about the breakers, whose Redis may be another one.
    private func notifyOwners(
        of app: SentryApp, _ target: String?, _ name: CircuitName, until end: Timestamp, now: Timestamp
    ) {
        var isClaimed = false
        do throws(AutoDisableError) {
            isClaimed = try AutoDisableError.redis { () throws(RedisError) in try breakers.claimMail(name)
            }
            guard isClaimed else { return }
            let organization = try AutoDisableError.directory { () throws(DirectoryError) in
                try directory.organization(id: app.ownerID)
            }
            guard let organization else { return }
            let change = OwnerMails.Change(
                kind: .breakerOpened(until: end),
                key: "breaker:\(target.map { "\(app.id):\($0)" } ?? "\(app.id)"):\(end.seconds)", target: target,
                date: now)
            try mails.send(change, app: app, organization: organization)
        } catch {
            // Another worker's claim stays.
            if isClaimed { try? breakers.releaseMail(name) }
            log.warning(
                "the owners of an app could not be told that its circuit breaker has opened",
                metadata: ["sentryapp_slug": "\(app.slug)", "error": "\(error)"])
        }
    }
}

extension PlannedWebhook {
    /// The circuit breaker of its receiver.
    var circuitName: CircuitName { relay == nil ? .app(slug: app.slug) : .target(destination) }

    /// As in the original, webhooks about the installation itself have no breaker. A relay knows no installations.
    var hasBreaker: Bool { relay != nil || !event.isAboutTheInstallation }
}

extension FinishedAttempt {
    /// What an attempt is for the circuit breaker.
    enum CircuitResult {
        case success
        case error
    }

    /// Nil when it says nothing about the app.
    func circuitResult(_ errors: CircuitBreakerSettings.Errors) -> CircuitResult? {
        switch (errors, result.outcome) {
        case (.hardTimeout, .response): .success
        case (.hardTimeout, .failed(let failure, _)): failure == .timeout && !result.isSoftTimeout ? .error : nil
        case (.failures, .response(let response)): response.isSuccess ? .success : .error
        case (.failures, .failed(let failure, _)):
            switch failure {
            case .timeout, .connection, .dns, .tls, .protocol: .error
            case .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader, .proxy, .cancelled, .leaseLost,
                .internal, .breakerOpen:
                nil
            }
        }
    }
}
