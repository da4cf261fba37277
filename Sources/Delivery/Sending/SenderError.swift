/// Why the sender did not take a request, or could not begin its work.
package enum SenderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// As many requests wait as may wait.
    case full(waitingLimit: Int)
    case stopped
    /// A call that should not fail did.
    case system(call: String, code: Int32, reason: String)
    case unreadable(file: String, reason: String)

    package var description: String {
        switch self {
        case .full(let limit): "the sender has \(limit) requests waiting and takes no more"
        case .stopped: "the sender has been stopped"
        case .system(let call, let code, let reason): "\(call) failed (\(code)): \(reason)"
        case .unreadable(let file, let reason): "the certificates in \(file) cannot be read: \(reason)"
        }
    }
}
