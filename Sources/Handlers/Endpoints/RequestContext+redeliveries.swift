import Directory
import Queue
import Redis

extension RequestContext {
    func redeliveries() throws(HTTPFailure) -> any RedeliveryJobManaging {
        guard let redeliveries = dependencies.redeliveries else { throw .notFound }
        return redeliveries
    }

    func json(of job: RedeliveryJob) throws(HTTPFailure) -> [UInt8] {
        let selection = job.selection
        let organization = try selection.organizationID.flatMap { (id) throws(HTTPFailure) in
            try orUnavailable(directory.organization(id: id))
        }
        return RedeliveryJobDocument.json(of: job, organization: organization)
    }
}

extension HTTPFailure {
    static let noRedeliveryJob = HTTPFailure(
        status: 404, detail: "The app has no redelivery job with this id.")

    static func jobUnavailable(_ error: RedisError) -> HTTPFailure {
        unavailable(
            detail: "Redelivery jobs are temporarily unavailable, and it may not be known whether this request took "
                + "effect. Try again in a few seconds; with an Idempotency-Key, a job is not created twice.",
            cause: error.description)
    }
}
