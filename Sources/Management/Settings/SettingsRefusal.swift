/// Why a change of an app's settings is refused. No message contains a secret or the value of a header.
package struct SettingsRefusal: Error, Hashable, Sendable {
    /// What the message is about.
    package enum Subject: Hashable, Sendable {
        case secret
        case headers
        case removedHeader
        case targets
    }

    package var subject: Subject
    package var message: String

    package init(_ subject: Subject, _ message: String) {
        self.subject = subject
        self.message = message
    }
}
