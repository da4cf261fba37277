import WireJSON

/// What the platform and this program are called in webhooks, audit entries, mails and pages.
package struct PlatformNames: Hashable, Sendable {
    /// The longest name, in characters.
    package static let maximumLength = 64

    /// Who acts where no user does: the name of the actor of webhooks, and the actor of audit entries.
    package let platform: String
    /// The id of that actor.
    package let actorID: String
    /// What owners know this program as.
    package let product: String
    /// The actor of a webhook of an event without one: `{"type":"application","id":"sentry","name":"Sentry"}`
    /// (docs/protocol.md 7.2).
    package let actorJSON: [UInt8]

    package static let `default` = PlatformNames()

    package init(platform: String = "Sentry", actorID: String = "sentry", product: String = "Hookline") {
        self.platform = platform
        self.actorID = actorID
        self.product = product
        var json = Array(#"{"type":"application","id":"#.utf8)
        JSONText.append(actorID, escaping: .ascii, to: &json)
        json.append(contentsOf: #","name":"#.utf8)
        JSONText.append(platform, escaping: .ascii, to: &json)
        json.append(UInt8(ascii: "}"))
        actorJSON = json
    }

    /// What is wrong with a name; nil = nothing.
    package static func problem(of name: String) -> String? {
        guard !name.isEmpty, name.count <= maximumLength else { return "it must have 1 to \(maximumLength) characters" }
        guard name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            return "it has control characters"
        }
        return name.first == " " || name.last == " " ? "it has blanks around it" : nil
    }
}
