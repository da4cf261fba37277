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
    func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> [String: CircuitState]
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

    package func states(of slugs: [String], at now: Timestamp) throws(RedisError) -> [CircuitState] {
        try breakers.states(of: slugs, at: now)
    }

    package func observe(_ attempts: [FinishedAttempt], now: Timestamp) throws(RedisError) -> [String: CircuitState] {
        var tallies: [String: CircuitTally] = [:]
        for attempt in attempts {
            let webhook = attempt.webhook
            guard !webhook.event.isAboutTheInstallation else { continue }
            guard let breaker = policies.policy(of: webhook.app, under: webhook.rules).breaker else { continue }
            let slug = webhook.app.slug
            switch attempt.circuitResult(breaker.errors) {
            case .error: tallies[slug, default: CircuitTally(appSlug: slug)].errors += 1
            case .success: tallies[slug, default: CircuitTally(appSlug: slug)].successes += 1
            case nil: break
            }
        }
        let opened = try breakers.record(tallies.values.sorted { $0.appSlug < $1.appSlug }, at: now)
        for (slug, state) in opened {
            guard case .open(let end) = state, let attempt = attempts.last(where: { $0.webhook.app.slug == slug })
            else { continue }
            let app = attempt.webhook.app
            metrics.countBreakerOpening()
            log.warning(
                "the circuit breaker of an app has opened: it gets no webhooks for a while",
                metadata: [
                    "sentryapp_slug": "\(slug)", "until": "\(Timestamp(seconds: end).iso8601Description)",
                ])
            notifyOwners(of: app, until: Timestamp(seconds: end), now: now)
        }
        return opened
    }

    /// Tried once only; a failure is logged, and says nothing about the breakers, whose Redis may be another one.
    private func notifyOwners(of app: SentryApp, until end: Timestamp, now: Timestamp) {
        var isClaimed = false
        do throws(AutoDisableError) {
            isClaimed = try AutoDisableError.redis { () throws(RedisError) in try breakers.claimMail(appSlug: app.slug)
            }
            guard isClaimed else { return }
            let organization = try AutoDisableError.directory { () throws(DirectoryError) in
                try directory.organization(id: app.ownerID)
            }
            guard let organization else { return }
            let change = OwnerMails.Change(
                kind: .breakerOpened(until: end), key: "breaker:\(app.id):\(end.seconds)", date: now)
            try mails.send(change, app: app, organization: organization)
        } catch {
            // Another worker's claim stays.
            if isClaimed { try? breakers.releaseMail(appSlug: app.slug) }
            log.warning(
                "the owners of an app could not be told that its circuit breaker has opened",
                metadata: ["sentryapp_slug": "\(app.slug)", "error": "\(error)"])
        }
    }
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
