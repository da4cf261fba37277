import System

/// A request in the sender's hands; an object, because it changes hands often.
final class SendJob: Sendable {
    let request: OutgoingRequest
    let completion: @Sendable (SendResult) -> Void
    let submitted: MonotonicTime

    init(
        request: OutgoingRequest, completion: @escaping @Sendable (SendResult) -> Void, submitted: MonotonicTime
    ) {
        self.request = request
        self.completion = completion
        self.submitted = submitted
    }

    /// Reports the end of a request that never started.
    func fail(_ failure: SendFailure, _ detail: String) {
        completion(
            SendResult(
                outcome: .failed(failure, detail: detail), durationMilliseconds: 0,
                queuedMilliseconds: submitted.millisecondsUntilNow))
    }
}
