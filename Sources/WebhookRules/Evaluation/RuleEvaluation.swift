import Directory
import Model
import Queue

/// The evaluation of the rules for one entry.
struct RuleEvaluation {
    let directory: any DeliveryDirectory
    let settings: PlanSettings
    let rules: ProtocolRules
    let signing: any WebhookSigning
    let entry: QueueEntry
    let now: Timestamp
    /// The steps so far; nil when they are not recorded.
    private(set) var steps: [RuleStep]?

    init(
        directory: any DeliveryDirectory, settings: PlanSettings, rules: ProtocolRules, signing: any WebhookSigning,
        entry: QueueEntry, now: Timestamp, isExplained: Bool
    ) {
        self.directory = directory
        self.settings = settings
        self.rules = rules
        self.signing = signing
        self.entry = entry
        self.now = now
        steps = isExplained ? [] : nil
    }

    /// Evaluates the rules until the webhook is ready or a rule rejects the event.
    mutating func run() throws(DirectoryError) -> DeliveryPlan {
        do {
            if entry.target != nil { return .send(try relay()) }
            let payload = try readPayload()
            let (installation, app) = try sendResourceChangeWebhook(payload)
            try checkEnabled(app, installation)
            if entry.event.needsSubscription { try sendWebhooks(payload, app, installation) }
            return .send(try makeRequest(payload, app, installation))
        } catch {
            switch error {
            case .drop(let event): return .drop(event)
            case .refuse(let reason): return .refuse(reason: reason)
            case .directory(.corrupt(let table, let reason)):
                let corruption = DirectoryError.corrupt(table: table, reason: reason)
                return .refuse(reason: corruption.description)
            case .directory(let failure): throw failure
            }
        }
    }
}

/// Why the evaluation ends without a webhook.
enum Rejection: Error {
    case drop(DroppedEvent)
    case refuse(reason: String)
    case directory(DirectoryError)
}

extension RuleEvaluation {
    /// Records a passed step.
    mutating func pass(_ name: RuleStep.Name, _ facts: @autoclosure () -> [RuleStep.Fact]) {
        guard steps != nil else { return }
        steps?.append(RuleStep(name: name, result: .passed, facts: facts()))
    }

    /// Records the step that drops the event.
    mutating func stop(
        _ name: RuleStep.Name, _ event: DroppedEvent, _ facts: @autoclosure () -> [RuleStep.Fact]
    ) -> Rejection {
        if steps != nil { steps?.append(RuleStep(name: name, result: .stops(event.reason), facts: facts())) }
        return .drop(event)
    }

    /// Records the step that makes the entry a dead letter.
    mutating func refuse(_ name: RuleStep.Name, _ reason: String) -> Rejection {
        steps?.append(RuleStep(name: name, result: .refuses(reason: reason)))
        return .refuse(reason: reason)
    }

    /// Looks something up in the directory; an inconsistency there refuses the entry.
    mutating func lookUp<Value>(
        _ name: RuleStep.Name, _ query: (any DeliveryDirectory) throws(DirectoryError) -> Value
    ) throws(Rejection) -> Value {
        do {
            return try query(directory)
        } catch {
            if case .corrupt = error {
                steps?.append(RuleStep(name: name, result: .refuses(reason: error.description)))
            }
            throw .directory(error)
        }
    }
}
