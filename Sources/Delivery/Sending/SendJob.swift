/// A request in the sender's hands.
struct SendJob: Sendable {
    let request: OutgoingRequest
    let completion: @Sendable (SendResult) -> Void
    let submitted: MonotonicInstant

    /// Reports the end of a request that never started.
    func fail(_ failure: SendFailure, _ detail: String) {
        completion(
            SendResult(
                outcome: .failed(failure, detail: detail), durationMilliseconds: 0,
                queuedMilliseconds: submitted.millisecondsUntilNow))
    }
}
