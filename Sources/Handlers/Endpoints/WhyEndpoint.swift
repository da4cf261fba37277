import Buffer
import Directory
import Model
import WebhookRules
import WireJSON

/// `GET why/`: whether an event would be delivered to the app now, and if not, why not.
///
/// Includes every step that a worker takes, also those after one that rejects the event. No connection to the receiver
/// is made: readers of a log must not be able to make this host connect to addresses.
enum WhyEndpoint: AppEndpoint {
    static let acceptsPost = false
    /// As for the log, whose rows it explains.
    static let permission: any Permission.Type = LogPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let parameters = context.parameters
        let diagnosis = try DiagnosisRequest(
            DiagnosisRequest.Names(
                eventType: parameters.nonEmpty("eventType"), organizationSlug: parameters.nonEmpty("organizationSlug"),
                project: parameters.nonEmpty("project").map { EventSubmission.ProjectName($0) }),
            of: app, context)
        let diagnostics = try diagnostics(of: diagnosis, context)
        var json = JSONObjectWriter()
        json.append("app", text: app.slug)
        json.append("eventType", text: diagnosis.event.rawValue)
        json.append("organization", text: diagnosis.target.organization?.slug)
        json.append("installation", text: diagnosis.target.installation?.uuid)
        json.append("wouldBeDelivered", bool: diagnostics.allowDelivery)
        json.append("steps", objects: diagnostics.map { $0.json.serialized(escaping: .unicode) })
        return EndpointResult(body: json.finish())
    }

    private static func diagnostics(
        of request: DiagnosisRequest, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> [Diagnostic] {
        let diagnosis = request.diagnosis(in: context)
        let relay = try orUnavailable(
            HTTPFailure.stateUnavailable,
            diagnosis.relay(from: context.dependencies.state, under: context.rules))
        let steps = try relay + orUnavailable(diagnosis.evaluateRules(in: context.directory)).diagnostics
        let connection = Diagnostic.note(
            "connection", "not checked here: a test event shows whether the receiver can be reached")
        let state = try orUnavailable(
            HTTPFailure.stateUnavailable,
            diagnosis.state(
                from: context.dependencies.state, log: context.dependencies.requestLog, under: context.rules))
        return try steps + [connection] + state
            + [silence(request.target.app, audience: request.audience, context)]
            .compactMap(\.self)
    }

    /// That nothing was sent to the app for days, whatever the event; nil when something was.
    private static func silence(
        _ app: SentryApp, audience: DiagnosisAudience, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> Diagnostic? {
        var settings = context.dependencies.diagnosis
        settings.plan.events = try context.events(of: app)
        let diagnosis = SilenceDiagnosis(
            app: app, settings: settings, rules: context.rules, audience: audience, now: context.now())
        let facts = try orUnavailable(
            HTTPFailure.stateUnavailable,
            diagnosis.facts(from: context.dependencies.state, log: context.dependencies.requestLog))
        return try orUnavailable(diagnosis.diagnostic(facts, in: context.directory))
    }
}
