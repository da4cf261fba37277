import Buffer
package import Model

/// When an app counts as silent: it has had an attempt, and then none for some days.
package struct SilenceRule: Hashable, Sendable {
    /// A week: an app that gets events gets some within one, and weekends are not silences.
    package static let defaultDays = 7
    private static let secondsPerDay: Int64 = 86_400

    /// 0 = no app counts as silent.
    package var days: Int

    package init(days: Int = SilenceRule.defaultDays) {
        self.days = days
    }

    package var isOn: Bool { days > 0 }

    /// When an app is silent that gets nothing after its last attempt.
    package func start(after lastAttempt: Timestamp) -> Timestamp {
        lastAttempt.adding(seconds: Int64(days) * Self.secondsPerDay)
    }

    /// Whether an app with this last attempt is silent; false for one that never had an attempt.
    package func isSilent(_ lastAttempt: Timestamp?, at now: Timestamp) -> Bool {
        guard isOn, let lastAttempt else { return false }
        return start(after: lastAttempt) <= now
    }
}

/// That nothing was sent to an app for some days, and what is known of the reason.
package struct Silence: Hashable, Sendable {
    /// The last attempt.
    package var lastRequest: Timestamp
    /// Since when the app counts as silent.
    package var start: Timestamp
    /// The last event since then that was accepted and not sent; nil = none is known.
    package var lastUnsentEvent: Timestamp?
    /// In the order of the rules of delivery; empty when no cause is known.
    package var causes: [SilenceCause]

    package init(
        lastRequest: Timestamp, start: Timestamp, lastUnsentEvent: Timestamp? = nil, causes: [SilenceCause] = []
    ) {
        self.lastRequest = lastRequest
        self.start = start
        self.lastUnsentEvent = lastUnsentEvent
        self.causes = causes
    }

    /// How far the clocks of programs that write rows may be ahead, in seconds. Later times are those of a wrong clock:
    /// they say nothing about when the app got something.
    package static let secondsAhead = LastTimes.maximumSecondsAhead

    /// The last of some times of attempts, without those of a wrong clock; nil when there are no others.
    package static func lastAttempt(of times: some Sequence<Timestamp?>, at now: Timestamp) -> Timestamp? {
        let end = now.adding(seconds: secondsAhead)
        return times.lazy.compactMap(\.self).filter { $0 <= end }.max()
    }

    /// The name of the cause of apps whose silence has no known one, in counts.
    private static let unknownCause = "unknown"

    /// The names of causes in counts: that of apps without a known cause last.
    package static let countNames = SilenceCause.Kind.allCases.map(\.rawValue) + [unknownCause]

    /// The name of the first cause, in counts.
    package var firstCause: String { causes.first?.kind.rawValue ?? Self.unknownCause }

    /// The causes as one sentence without a full stop, which continues "The cause".
    package var causesText: String {
        guard !causes.isEmpty else { return "no cause is known: the rules would let an event through now" }
        return causes.map(\.text).joined(separator: "; ")
    }

    /// The finding of a diagnosis.
    package var diagnostic: Diagnostic {
        let event = lastUnsentEvent.map {
            ". The last event that was accepted and not sent: \($0.truncatedToSeconds.iso8601Description)"
        }
        return .note(
            "silence",
            "nothing was sent since \(lastRequest.truncatedToSeconds.iso8601Description): \(causesText)\(event ?? "")")
    }
}

/// One reason why nothing is sent to an app.
package struct SilenceCause: Hashable, Sendable {
    /// Names for programs; those of `DropReason` where there is one.
    package enum Kind: String, CaseIterable, Sendable {
        /// The app is not installed anywhere, or its installations are not confirmed.
        case missingInstallation = "missing-installation"
        /// The app is disabled, by Hookline or in the original.
        case disabled
        /// The installations have no service hook.
        case missingServiceHook = "missing-service-hook"
        /// The app, or the hooks of its installations, subscribe to no event that the deployment has.
        case notSubscribed = "not-subscribed"
        case missingWebhookURL = "missing-webhook-url"
        /// The app has no client secret.
        case missingSecret = "missing-secret"
        /// The directory's rows about the app contradict each other.
        case corruptDirectory = "corrupt-directory"
        /// The app's circuit breaker is open.
        case breakerOpen = "breaker-open"
        /// No event for the app was accepted.
        case noEventAccepted = "no-event-accepted"
        /// The app's relay has received no webhook.
        case nothingReceived = "nothing-received"
    }

    package var kind: Kind
    /// One sentence without a full stop.
    package var text: String

    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}

extension SilenceCause.Kind {
    /// Nil for a step that does not keep every event from being sent.
    init?(_ step: RuleStep) {
        switch step.result {
        case .passed: return nil
        case .refuses: self = .corruptDirectory
        case .stops(let reason):
            switch reason {
            case .missingInstallation, .missingApp: self = .missingInstallation
            case .disabled: self = .disabled
            case .missingServiceHook: self = .missingServiceHook
            case .notSubscribed: self = .notSubscribed
            // Events of other projects are sent.
            case .projectNotListed: return nil
            case .missingWebhookURL: self = .missingWebhookURL
            case .missingSecret: self = .missingSecret
            }
        }
    }
}
