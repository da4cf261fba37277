package import Model

/// The checks of values with the name of a host.
///
/// The worker converts international names by libcurl. Programs that link it know which of these names have a form in
/// ASCII; the others know the rest of the rule only.
package struct HostRules {
    /// Whether mail can be sent to an address; `MailAddressSyntax.rule` says it in words.
    package var acceptsMailAddress: (String) -> Bool
    /// Why webhooks cannot be sent to a URL; nil when they can.
    package var problemOfURL: (String) -> WebhookURL.Problem?

    package init(
        acceptsMailAddress: @escaping (String) -> Bool, problemOfURL: @escaping (String) -> WebhookURL.Problem?
    ) {
        self.acceptsMailAddress = acceptsMailAddress
        self.problemOfURL = problemOfURL
    }

    /// What the text alone shows.
    package static var ofText: HostRules {
        HostRules(acceptsMailAddress: MailAddressSyntax.isValid) { url in
            do throws(WebhookURL.Problem) {
                _ = try WebhookURL(parsing: url)
                return nil
            } catch {
                return error
            }
        }
    }
}
