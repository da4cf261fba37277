import Buffer
import Model

extension AppRequestContext {
    /// The answer of an endpoint that reads the log: from memory where that is as good, else as `make` gives it.
    ///
    /// - Parameters:
    ///   - lists: all that `make` reads of the log; asked for only when it is read.
    ///   - isTagged: whether the endpoint's answers have tags.
    ///   - key: everything the answer depends on beside the log, the directory's rows that `make` notes, and time as far
    ///     as `make` notes it.
    ///   - make: is given the lists.
    func answer(
        from lists: @autoclosure () -> [WebhookRequestQuery], isTagged: Bool, at now: Timestamp,
        key: () -> ResponseCacheKey,
        make: ([WebhookRequestQuery], CachedResponseBasis) throws(HTTPFailure) -> Reply
    ) throws(HTTPFailure) -> Reply {
        guard let answers = dependencies.answers else { return try make(lists(), CachedResponseBasis()) }
        return try answers.answer(
            to: key(), of: lists, isTagged: isTagged, at: now, clock: dependencies.clock, make: make)
    }
}
