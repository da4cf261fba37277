/// What became of one attempt.
package struct SendResult: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case answered(ReceivedResponse)
        /// `detail` is for people: it names what failed and never contains a header's value.
        case failed(SendFailure, detail: String)
    }

    package var outcome: Outcome
    /// From the start of the attempt to its end.
    package var durationMilliseconds: Int
    /// How long it had waited for its turn before.
    package var queuedMilliseconds: Int
    /// The address connected to; nil when there was none, and the proxy's when one is used.
    package var address: String?
    package var timings: PhaseTimings

    package init(
        outcome: Outcome, durationMilliseconds: Int, queuedMilliseconds: Int = 0, address: String? = nil,
        timings: PhaseTimings = PhaseTimings()
    ) {
        self.outcome = outcome
        self.durationMilliseconds = durationMilliseconds
        self.queuedMilliseconds = queuedMilliseconds
        self.address = address
        self.timings = timings
    }

    /// The status code of the answer; nil when there was none.
    package var status: Int? {
        guard case .answered(let response) = outcome else { return nil }
        return response.status
    }

    package var failure: SendFailure? {
        guard case .failed(let failure, _) = outcome else { return nil }
        return failure
    }
}

/// The part of a receiver's answer that is looked at.
package struct ReceivedResponse: Hashable, Sendable {
    package var status: Int
    /// At most the sender's `responseLimit` bytes.
    package var body: [UInt8]
    /// Whether the body went on behind `body`; its rest was not read and the connection was closed.
    package var isBodyCut: Bool
    /// `Retry-After` as sent.
    package var retryAfter: String?
    /// `Sentry-Hook-Error`.
    package var errorID: String?
    /// `Sentry-Hook-Project`.
    package var projectID: String?

    package init(
        status: Int, body: [UInt8] = [], isBodyCut: Bool = false, retryAfter: String? = nil, errorID: String? = nil,
        projectID: String? = nil
    ) {
        self.status = status
        self.body = body
        self.isBodyCut = isBodyCut
        self.retryAfter = retryAfter
        self.errorID = errorID
        self.projectID = projectID
    }
}

/// When each phase of an attempt ended, in microseconds since its start; nil for a phase that was not reached, and 0 or
/// nearly so on a connection that was open already.
package struct PhaseTimings: Hashable, Sendable {
    package var nameLookup: Int64?
    package var connect: Int64?
    package var tls: Int64?
    package var firstByte: Int64?

    package init(nameLookup: Int64? = nil, connect: Int64? = nil, tls: Int64? = nil, firstByte: Int64? = nil) {
        self.nameLookup = nameLookup
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
    }
}
