/// Why a webhook got no answer: the `reason` of its log row.
package enum SendFailure: String, Hashable, Sendable, CaseIterable {
    /// The deadline passed, in whichever phase.
    case timeout
    /// Refused, reset, closed without an answer, or an answer that broke off.
    case connection
    /// The name has no address, or its name server gave no answer.
    case dns
    /// No common version, a certificate that does not verify, a name that is not in it.
    case tls
    /// The address is one that must not be connected to.
    case blockedAddress = "blocked-address"
    /// The request's body is over the sender's limit; nothing was sent.
    case bodyTooLarge = "body-too-large"
    /// The URL cannot be read or is neither http nor https; nothing was sent.
    case invalidURL = "invalid-url"
    /// A header holds a line break, is no token, or belongs to the sender; nothing was sent.
    case invalidHeader = "invalid-header"
    /// What came back is not HTTP.
    case `protocol`
    /// The outgoing proxy cannot be reached or refused: not the app's fault.
    case proxy
    /// The sender was stopped before the end: not the app's fault, and unknown whether it arrived.
    case cancelled
    /// The sender itself failed, such as for want of memory: not the app's fault.
    case `internal`

    /// Whether the receiving side, or the address the app gave, is what failed.
    package var isTheReceivers: Bool {
        switch self {
        case .timeout, .connection, .dns, .tls, .blockedAddress, .invalidURL, .protocol: true
        case .bodyTooLarge, .invalidHeader, .proxy, .cancelled, .internal: false
        }
    }
}
