import Management
import Model
import Queue
import WebhookRules
import WireJSON

/// `redeliveries/`: `GET` lists the redelivery jobs of an app, newest first; `POST` creates one, which redelivers the
/// stored events of a time range. Workers run it.
enum RedeliveriesEndpoint: AppEndpoint {
    static let acceptsPost = true
    static let permission: any Permission.Type = RedeliveryJobPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        if context.method == .post { return try create(for: app, context) }
        let redeliveries = try context.redeliveries()
        let jobs = try orUnavailable(HTTPFailure.stateUnavailable, redeliveries.jobs(appID: app.id))
        var objects: [[UInt8]] = []
        for job in jobs { objects.append(try context.json(of: job)) }
        var json = JSONObjectWriter()
        json.append("redeliveries", objects: objects)
        return EndpointResult(body: json.finish())
    }

    private static func create(
        for app: SentryApp, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> EndpointResult {
        let redeliveries = try context.redeliveries()
        guard context.dependencies.eventLimits.payloadSeconds > 0 else { throw .payloadsNotStored }
        let now = context.now()
        var problems = FieldProblems()
        let body = try context.json(limit: bodyLimit(context.dependencies.eventLimits)) ?? .object([])
        let submission = RedeliverySubmission(body, events: try context.events(of: app), now: now, problems: &problems)
        let organizationID = try submission.organizationID(in: context.directory, problems: &problems)
        let key = context.request.idempotencyKey(scope: .redeliveryJob, problems: &problems)
        guard problems.isEmpty, var selection = submission.selection else { throw .invalidFields(problems.messages) }
        guard app.disablement == nil else { throw .disabledApp }
        selection.organizationID = organizationID

        var job = RedeliveryJob(
            id: context.dependencies.eventIDs.next(), appID: app.id, selection: selection, total: 0, createdAt: now,
            createdBy: context.author.label)
        job.total = try orUnavailable(
            HTTPFailure.payloadsUnavailable, context.dependencies.payloads.count(job.query, now: now))
        if submission.isDryRun {
            var json = JSONObjectWriter()
            json.append("total", number: Int64(job.total))
            return EndpointResult(body: json.finish())
        }
        switch try orUnavailable(
            HTTPFailure.jobUnavailable, redeliveries.create(job, idempotencyKey: key?.text))
        {
        case .created: break
        case .duplicate(let id):
            let known = try orUnavailable(HTTPFailure.stateUnavailable, redeliveries.job(id: id, appID: app.id))
            guard let known else { throw .noRedeliveryJob }
            job = known
        case .tooMany: throw .tooManyRedeliveryJobs
        }
        return EndpointResult(status: 202, body: try context.json(of: job))
    }
}

extension HTTPFailure {
    fileprivate static let tooManyRedeliveryJobs = HTTPFailure(
        status: 409,
        detail: "The app has \(RedeliveryJobs.maximumActive) redelivery jobs that have not ended. Wait, or cancel one.")
}
