import Buffer
import Directory
import Model
import Queue

/// One walk of one entry through the flow, with or without telling its steps.
struct RuleEvaluation {
    let directory: any DeliveryDirectory
    let settings: PlanSettings
    let signing: any WebhookSigning
    let entry: QueueEntry
    let now: Timestamp
    /// The steps so far; nil when nobody asks for them.
    private(set) var steps: [PlanStep]?

    init(
        directory: any DeliveryDirectory, settings: PlanSettings, signing: any WebhookSigning, entry: QueueEntry,
        now: Timestamp, isTold: Bool
    ) {
        self.directory = directory
        self.settings = settings
        self.signing = signing
        self.entry = entry
        self.now = now
        steps = isTold ? [] : nil
    }

    /// Walks until the webhook is ready or the flow ends.
    mutating func end() throws(DirectoryError) -> DeliveryPlan {
        do {
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

/// Why a walk ends before the webhook is ready.
enum Rejection: Error {
    case drop(DroppedEvent)
    case refuse(reason: String)
    case directory(DirectoryError)
}

extension RuleEvaluation {
    /// Notes a step that was passed.
    mutating func pass(_ name: PlanStep.Name, _ facts: @autoclosure () -> [PlanStep.Fact]) {
        guard steps != nil else { return }
        steps?.append(PlanStep(name: name, result: .passed, facts: facts()))
    }

    /// Ends the walk: nothing is to be sent.
    mutating func stop(
        _ name: PlanStep.Name, _ event: DroppedEvent, _ facts: @autoclosure () -> [PlanStep.Fact]
    ) -> Rejection {
        if steps != nil { steps?.append(PlanStep(name: name, result: .stops(event.reason), facts: facts())) }
        return .drop(event)
    }

    /// Ends the walk: the entry is one for the dead letters.
    mutating func refuse(_ name: PlanStep.Name, _ reason: String) -> Rejection {
        steps?.append(PlanStep(name: name, result: .refuses(reason: reason)))
        return .refuse(reason: reason)
    }

    /// Asks the directory.
    mutating func ask<Answer>(
        _ name: PlanStep.Name, _ question: (any DeliveryDirectory) throws(DirectoryError) -> Answer
    ) throws(Rejection) -> Answer {
        do {
            return try question(directory)
        } catch {
            if case .corrupt = error {
                steps?.append(PlanStep(name: name, result: .refuses(reason: error.description)))
            }
            throw .directory(error)
        }
    }
}
