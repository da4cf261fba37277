import Buffer
import Directory
import Model
import WebhookRules

/// `GET why/`: whether the app would get an event now, and if not, why not.
///
/// Every step that a worker takes is told, also those behind one that stops the event. No connection to the receiver is
/// made: whoever may read a log shall not be able to make this host knock at addresses.
enum WhyEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = StatisticsPermission.self

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        let parameters = call.parameters
        let question = try DiagnosisRequest(
            DiagnosisRequest.Names(
                eventType: parameters.nonEmpty("eventType"), organizationSlug: parameters.nonEmpty("organizationSlug"),
                project: parameters.nonEmpty("project").map { EventSubmission.ProjectName($0) }),
            of: call)
        let findings = try findings(of: question, call)
        var json = JSONObjectWriter()
        json.append("app", text: call.app.slug)
        json.append("eventType", text: question.event.rawValue)
        json.append("organization", text: question.target.organization?.slug)
        json.append("installation", text: question.target.installation?.uuid)
        json.append("wouldBeDelivered", bool: findings.allowDelivery)
        json.append("steps", findings: findings)
        return Reply(body: json.finish())
    }

    private static func findings(of question: DiagnosisRequest, _ call: AppRequestContext) throws(HTTPFailure)
        -> [Diagnostic]
    {
        let inquiry = question.inquiry(of: call)
        var findings: [Diagnostic]
        do {
            findings = try inquiry.evaluateRules(in: call.dependencies.directory).diagnostics
        } catch {
            throw .unavailable(error)
        }
        findings.append(
            .note("connection", "it is not tried here: a test event shows whether the receiver can be reached"))
        do {
            return findings + (try inquiry.state(from: call.dependencies.state, log: call.dependencies.requestLog))
        } catch {
            throw .stateUnavailable(error)
        }
    }
}
