/// Why no webhook can be sent to a URL. Quotes nothing of the URL, which may contain a password.
package enum WebhookURLProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case space
    case scheme
    case host
    /// What the sender's library reports.
    case other(String)

    /// What the text alone shows; nil when it shows nothing. The sender's own check (`WebhookURL`) begins with this one
    /// and finds more: the sender's library parses the URL.
    package init?(of url: String) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            self = .space
            return
        }
        guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else {
            self = .scheme
            return
        }
        let host = url.utf8.dropFirst(scheme.utf8.count).prefix { !"/?#".utf8.contains($0) }
        guard host.isEmpty else { return nil }
        self = .host
    }

    package var description: String {
        switch self {
        case .space: "the URL contains a space or control character"
        case .scheme: "the URL must begin with https:// or http://"
        case .host: "the URL has no valid host"
        case .other(let reason): reason
        }
    }
}
