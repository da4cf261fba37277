/// The name that a request's method has in counters: one of a fixed list, whatever the client sent.
package enum MethodLabel: UInt8, CaseIterable, Sendable {
    case get, head, post, options, other

    package init(_ method: String) {
        switch method {
        case "GET": self = .get
        case "HEAD": self = .head
        case "POST": self = .post
        case "OPTIONS": self = .options
        default: self = .other
        }
    }

    /// As in HTTP; `other` for all that no endpoint takes.
    package var text: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}
