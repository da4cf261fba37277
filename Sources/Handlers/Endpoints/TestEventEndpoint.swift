import Buffer
import Directory
import Model
import Queue
import WebhookRules
import WireJSON

/// `POST test-event/`: enqueues a sample event, to test the app's receiver.
///
/// Only one that a worker would deliver: a dropped event leaves no row in the log to wait for.
enum TestEventEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    /// As for redelivery: `org:write` in the organization that owns the app.
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        var problems = FieldProblems()
        let names = DiagnosisRequest.Names(
            try RequestBody(context.request, DiagnosisRequest.Names.outline), problems: &problems)
        guard problems.isEmpty else { throw .invalidFields(problems.messages) }
        let diagnosis = try DiagnosisRequest(names, of: app, context)
        guard app.disablement == nil else { throw .disabledApp }
        let sample = try sample(for: diagnosis, context)
        let key = context.request.idempotencyKey(
            scope: .testEvent(installationID: diagnosis.target.installation?.id ?? 0, diagnosis.event),
            problems: &problems)
        guard problems.isEmpty else { throw .invalidFields(problems.messages) }

        let dependencies = context.dependencies
        let id = try dependencies.enqueue(
            QueueEntry(
                id: dependencies.eventIDs.next(), appID: app.id, event: diagnosis.event,
                enqueuedAt: context.now(), payload: sample.bytes),
            key: key)
        var json = JSONObjectWriter()
        json.append("id", text: id)
        json.append("eventType", text: diagnosis.event.rawValue)
        return EndpointResult(status: 202, body: json.finish())
    }

    /// Fails with 409 when a worker would drop the event, and lists the steps that reject it.
    private static func sample(
        for diagnosis: DiagnosisRequest, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> QueuedEvent {
        let rules = try orUnavailable(diagnosis.diagnosis(in: context).evaluateRules(in: context.directory))
        guard let sample = rules.sample, rules.diagnostics.allowDelivery else {
            throw .wouldNotBeDelivered(rules.diagnostics.problems)
        }
        return sample
    }
}
