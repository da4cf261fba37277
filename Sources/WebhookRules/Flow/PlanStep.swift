/// One question that the flow asks about an event, and its answer: what `hookline why` tells.
package struct PlanStep: Hashable, Sendable {
    /// The questions, in the order they are asked.
    package enum Name: String, CaseIterable, Sendable {
        /// Can the entry be read, and is its event one that can be sent?
        case event
        /// Is there such an installation, and is it installed?
        case installation
        /// Is the installation's app there?
        case app
        /// Is the app enabled?
        case enabled
        /// Has the installation a service hook?
        case serviceHook = "service-hook"
        /// Does the app subscribe to the event?
        case appSubscription = "app-subscription"
        /// Does the hook subscribe to the event?
        case hookSubscription = "hook-subscription"
        /// Is the event's project one of those that the hook is limited to?
        case projects
        /// Has the app a webhook URL?
        case webhookURL = "webhook-url"
        /// The request as it would be sent.
        case request
    }

    /// The answer.
    package enum Result: Hashable, Sendable {
        case passed
        /// The event ends here.
        case stops(DropReason)
        /// The entry would be kept among the dead letters.
        case refuses(reason: String)
    }

    /// Something that the answer rests on. Never a secret, nor the value of a header of the owner's; the URL is told as
    /// it stands, as in the request log.
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

/// The way of an event through the flow: every question up to the one that ended it, and what follows.
package struct RuleExplanation: Sendable {
    package var steps: [PlanStep]
    package var plan: DeliveryPlan

    package init(steps: [PlanStep], plan: DeliveryPlan) {
        self.steps = steps
        self.plan = plan
    }
}
