import Buffer
import Directory
import Model
import Queue
import WebhookRules

/// `POST test-event/`: puts an event that did not happen into the queue, to see what the app's receiver makes of it.
///
/// Only one that a worker would send: what would be dropped leaves no row in the log to wait for.
enum TestEventEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    /// As for sending a request again: `org:write` in the organization that owns the app.
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        var problems = FieldProblems()
        let names = DiagnosisRequest.Names(try RequestBody(call.request), problems: &problems)
        guard problems.isEmpty else { throw .invalidFields(problems.messages) }
        let question = try DiagnosisRequest(names, of: call)
        guard call.app.disablement == nil else { throw .disabledApp }
        let sample = try sample(of: question, call)
        let key = call.request.idempotencyKey(
            scope: .testEvent(installationID: question.target.installation?.id ?? 0, question.event),
            problems: &problems)
        guard problems.isEmpty else { throw .invalidFields(problems.messages) }

        let dependencies = call.dependencies
        let id = try dependencies.enqueue(
            QueueEntry(
                id: dependencies.eventIDs.next(), appID: call.app.id, event: question.event,
                enqueuedAt: dependencies.clock.now(), payload: sample.bytes),
            key: key)
        var json = JSONObjectWriter()
        json.append("id", text: id)
        json.append("eventType", text: question.event.rawValue)
        return Reply(status: 202, body: json.finish())
    }

    /// Fails with 409 when a worker would drop the event, and says at which steps.
    private static func sample(of question: DiagnosisRequest, _ call: AppRequestContext) throws(HTTPFailure)
        -> QueuedEvent
    {
        let rules: DeliveryDiagnosis.RuleOutcome
        do {
            rules = try question.inquiry(of: call).evaluateRules(in: call.dependencies.directory)
        } catch {
            throw .unavailable(error)
        }
        guard let sample = rules.sample, rules.diagnostics.allowDelivery else {
            throw .wouldNotBeDelivered(rules.diagnostics.problems)
        }
        return sample
    }
}
