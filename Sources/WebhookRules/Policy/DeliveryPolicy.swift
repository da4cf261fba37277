package import Model
package import Queue

/// The rules of delivery that deployments choose between: what counts as a failure, who is retried and when, and
/// which apps are disabled (docs/delivery.md). Single settings override parts of it.
package struct DeliveryPolicy: Hashable, Sendable {
    /// The values of `HOOKLINE_POLICY`.
    package typealias Name = DeliveryPolicyName

    /// The attempts whose rows go to the list of errors as well.
    package enum ErrorList: Hashable, Sendable {
        /// Statuses from 400 to 599 and attempts without a response (docs/protocol.md 1.6).
        case original
        /// Everything but a status from 200 to 299.
        case failures
    }

    /// The attempts whose requests and responses are kept in detail, beside the payload.
    package enum Details: String, Sendable, CaseIterable {
        /// Everything but a status from 200 to 299.
        case failures
        case all
    }

    /// Parts of a policy.
    package struct Following: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Which responses are retried.
        package static let retries = Following(rawValue: 1)
        /// Whether apps are disabled that keep failing.
        package static let automaticDisabling = Following(rawValue: 2)
        /// Whether there are circuit breakers.
        package static let breaker = Following(rawValue: 4)
    }

    package let name: Name
    package var errorList: ErrorList
    package var retry: RetryPolicy
    package var autoDisable: AutoDisableSettings
    /// Nil = there are no circuit breakers.
    package var breaker: CircuitBreakerSettings?
    package var details: Details
    /// The parts that are as in the release of the original that is followed.
    package var following: Following

    /// The original's rules, for a deployment beside it.
    package static let sentry = DeliveryPolicy(
        name: .sentry, errorList: .original, retry: RetryPolicy(), autoDisable: AutoDisableSettings())

    /// Those of Standard Webhooks, where everything but a 2xx response is a failure: every app is retried for about 21
    /// hours, and one without a success for a week is disabled.
    package static let standard = DeliveryPolicy(
        name: .standard, errorList: .failures,
        retry: RetryPolicy(
            delays: [5, 60, 300, 1800, 7200, 21_600, 43_200].map { .seconds($0) }, apps: .all, responses: .failures,
            keepsFinalFailures: true),
        autoDisable: AutoDisableSettings(rule: .window(FailureWindowRule()), apps: .all, warningPercents: [50, 90]))

    private init(name: Name, errorList: ErrorList, retry: RetryPolicy, autoDisable: AutoDisableSettings) {
        self.name = name
        self.errorList = errorList
        self.retry = retry
        self.autoDisable = autoDisable
        details = name == .sentry ? .failures : .all
        following = name == .sentry ? [.retries, .automaticDisabling, .breaker] : []
    }

    package init(_ name: Name) {
        switch name {
        case .sentry: self = .sentry
        case .standard: self = .standard
        }
    }

    /// What the policy is under the original's rules, in the parts that follow them.
    package func under(_ rules: ProtocolRules) -> DeliveryPolicy {
        var policy = self
        if following.contains(.retries), rules.includes(.outagesAreFinal) {
            policy.retry.responses = .serverErrorsButOutages
        }
        if following.contains(.automaticDisabling), rules.includes(.noAutomaticDisabling) {
            policy.autoDisable.apps = .none
        }
        if following.contains(.breaker), !rules.includes(.circuitBreaker) { policy.breaker = nil }
        return policy
    }
}

/// When a failed attempt is repeated (docs/protocol.md 7.5).
package struct RetryPolicy: Hashable, Sendable {
    /// The apps whose failures are retried.
    package enum Apps: String, Sendable, CaseIterable {
        /// As the original: failures of unpublished and internal apps are not retried.
        case published
        case all
    }

    /// The responses that are retried, and whose `Retry-After` is honored.
    package enum Responses: Hashable, Sendable {
        /// 500 and above, and a 429 with a valid `Retry-After`.
        case serverErrors
        /// The same without 503 and 504.
        case serverErrorsButOutages
        /// Everything but 2xx, and 410, which asks for no more webhooks.
        case failures
    }

    /// Before the second attempt, the third, and so on; after the last one the event becomes a dead letter.
    package var delays: [Duration]
    /// The longest random time that is added to a delay, in percent of it.
    package var jitterPercent: Int
    /// The longest `Retry-After` of a receiver that is followed.
    package var maximumRetryAfter: Duration
    package var apps: Apps
    package var responses: Responses
    /// Whether an event whose failure a retry would only repeat, such as a blocked address, becomes a dead letter at
    /// once instead of being dropped.
    package var keepsFinalFailures: Bool

    /// The original's: three more attempts, five minutes apart, for published apps only.
    package init(
        delays: [Duration] = [.seconds(300), .seconds(300), .seconds(300)], jitterPercent: Int = 10,
        maximumRetryAfter: Duration = .seconds(3600), apps: Apps = .published, responses: Responses = .serverErrors,
        keepsFinalFailures: Bool = false
    ) {
        self.delays = delays
        self.jitterPercent = jitterPercent
        self.maximumRetryAfter = maximumRetryAfter
        self.apps = apps
        self.responses = responses
        self.keepsFinalFailures = keepsFinalFailures
    }
}
