/// One rule that was evaluated for an event, and its result: what `hookline why` shows.
package struct RuleStep: Hashable, Sendable {
    /// The rules, in the order of evaluation.
    package enum Name: String, CaseIterable, Sendable {
        /// The entry can be read, and its event is enabled.
        case event
        /// The installation exists and is confirmed.
        case installation
        /// The installation's app exists.
        case app
        /// The app is enabled.
        case enabled
        /// The installation has a service hook.
        case serviceHook = "service-hook"
        /// The app subscribes to the event.
        case appSubscription = "app-subscription"
        /// The hook subscribes to the event.
        case hookSubscription = "hook-subscription"
        /// The hook is not limited to other projects than the event's.
        case projects
        /// The app has a webhook URL.
        case webhookURL = "webhook-url"
        /// The app's relay has the target.
        case relayTarget = "relay-target"
        /// The app has a client secret.
        case clientSecret = "client-secret"
        /// The request as it would be sent.
        case request
    }

    /// The result.
    package enum Result: Hashable, Sendable {
        case passed
        /// The event is dropped.
        case stops(DropReason)
        /// The entry becomes a dead letter.
        case refuses(reason: String)
    }

    /// A value that the result depends on. Never a secret or the value of a custom header; the URL is shown unchanged,
    /// as in the request log.
    package struct Fact: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var name: Name
    package var result: Result
    package var facts: [Fact]

    package init(name: Name, result: Result, facts: [Fact] = []) {
        self.name = name
        self.result = result
        self.facts = facts
    }
}

/// The evaluation of an event: every step up to the last one, and the resulting plan.
package struct RuleExplanation: Sendable {
    package var steps: [RuleStep]
    package var plan: DeliveryPlan

    package init(steps: [RuleStep], plan: DeliveryPlan) {
        self.steps = steps
        self.plan = plan
    }
}
