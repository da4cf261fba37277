import Handlers
import Model

/// One request that was answered, as the logs and the counters see it.
struct RequestRecord {
    var request: Request
    var response: Response
    /// Whether the peer took the answer.
    var isSent: Bool
    var phases: RequestPhases
    var requestID: String
    /// The client's address, as the web server says; nil when it does not, or when nobody asks for it.
    var remoteAddress: String?

    /// Of the answer's body that was sent.
    var sentBytes: Int { isSent && !response.omitsBody ? response.body.count : 0 }
}

extension Request.Path {
    /// As it came.
    var text: String {
        switch self {
        case .encoded(let text), .decoded(let text): text
        }
    }
}
