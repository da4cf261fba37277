/// The result of one attempt.
package struct SendResult: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// A response was received, with any status.
        case response(ReceivedResponse)
        /// `detail` is a message that names what failed and never contains a header's value.
        case failed(SendFailure, detail: String)
    }

    package var outcome: Outcome
    /// From the start of the attempt to its end.
    package var durationMilliseconds: Int
    /// How long the request had waited before.
    package var queuedMilliseconds: Int
    /// The address connected to, the proxy's when one is used; nil when there was no connection.
    package var address: String?
    package var timings: PhaseTimings
    /// Whether it is a timeout of a single wait, of the connection or of a part of the response, and not of the attempt
    /// as a whole.
    package var isSoftTimeout: Bool

    package init(
        outcome: Outcome, durationMilliseconds: Int, queuedMilliseconds: Int = 0, address: String? = nil,
        timings: PhaseTimings = PhaseTimings(), isSoftTimeout: Bool = false
    ) {
        self.isSoftTimeout = isSoftTimeout
        self.outcome = outcome
        self.durationMilliseconds = durationMilliseconds
        self.queuedMilliseconds = queuedMilliseconds
        self.address = address
        self.timings = timings
    }

    /// The status code of the response; nil without a response.
    package var status: Int? {
        guard case .response(let response) = outcome else { return nil }
        return response.status
    }

    package var failure: SendFailure? {
        guard case .failed(let failure, _) = outcome else { return nil }
        return failure
    }
}

/// The part of a receiver's response that is used.
package struct ReceivedResponse: Hashable, Sendable {
    package var status: Int
    /// At most the sender's `responseLimit` bytes.
    package var body: [UInt8]
    /// Whether the body was longer than `body`; the remainder was not read and the connection was closed.
    package var isBodyCut: Bool
    /// `Retry-After` as sent.
    package var retryAfter: String?
    /// `Sentry-Hook-Error`.
    package var errorID: String?
    /// `Sentry-Hook-Project`.
    package var projectID: String?
    /// Its headers, up to the sender's `keptHeaderLimit`; nil when none are kept.
    package var headerLines: HeaderLines?

    /// Whether it acknowledges the webhook: 200 to 299.
    package var isSuccess: Bool { (200..<300).contains(status) }

    /// Whether it is a redirect, which is not followed: 300 to 399.
    package var isRedirect: Bool { (300..<400).contains(status) }

    package init(
        status: Int, body: [UInt8] = [], isBodyCut: Bool = false, retryAfter: String? = nil, errorID: String? = nil,
        projectID: String? = nil, headerLines: HeaderLines? = nil
    ) {
        self.status = status
        self.body = body
        self.isBodyCut = isBodyCut
        self.retryAfter = retryAfter
        self.errorID = errorID
        self.projectID = projectID
        self.headerLines = headerLines
    }
}

/// When each phase of an attempt ended, in microseconds since its start; nil for a phase that was not reached, and
/// about 0 on a reused connection.
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

/// Why a webhook got no response: the `reason` of its log row.
package enum SendFailure: String, Hashable, Sendable, CaseIterable {
    /// The deadline passed, in whichever phase.
    case timeout
    /// Refused, reset, closed without a response, or in the middle of one.
    case connection
    /// The name has no address, or its name server did not respond.
    case dns
    /// No common version, a certificate that does not verify, a name that is not in it.
    case tls
    /// The address must not be connected to.
    case blockedAddress = "blocked-address"
    /// The request's body is over the sender's limit; nothing was sent.
    case bodyTooLarge = "body-too-large"
    /// The URL cannot be read or is neither http nor https; nothing was sent.
    case invalidURL = "invalid-url"
    /// A header contains a line break, its name is no token, or it is reserved for the sender; nothing was sent.
    case invalidHeader = "invalid-header"
    /// The response is not HTTP.
    case `protocol`
    /// The outgoing proxy cannot be reached or refused: not the app's fault.
    case proxy
    /// The sender was stopped before the end: not the app's fault; the request may have arrived.
    case cancelled
    /// The worker stood still, and its entry was given to another one, before the attempt ended without a response: one
    /// may have come. Never a result of the sender.
    case leaseLost = "lease-lost"
    /// The app's circuit breaker was open; nothing was sent. Never a result of the sender.
    case breakerOpen = "breaker-open"
    /// The sender itself failed, such as for lack of memory: not the app's fault.
    case `internal`

    /// Whether the detail is about the receiver's server, and not about the sender's network, proxy or machine, which
    /// are not for the app's owners.
    package var isOfReceiver: Bool {
        switch self {
        case .connection, .tls, .protocol: true
        case .timeout, .dns, .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader, .proxy, .cancelled,
            .leaseLost, .breakerOpen, .internal:
            false
        }
    }
}
