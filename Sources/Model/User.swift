/// A person, or the proxy user that acts for an app.
package struct User: Hashable, Sendable {
    package var id: Int64
    package var username: String
    package var email: String
    /// The display name.
    package var name: String
    package var isActive: Bool
    /// May use superuser rights where nginx allows it; see `docs/security.md`.
    package var isSuperuser: Bool
    /// Whether this is an app's proxy user.
    package var isSentryApp: Bool

    package init(
        id: Int64, username: String, email: String, name: String = "", isActive: Bool = true,
        isSuperuser: Bool = false, isSentryApp: Bool = false
    ) {
        self.id = id
        self.username = username
        self.email = email
        self.name = name
        self.isActive = isActive
        self.isSuperuser = isSuperuser
        self.isSentryApp = isSentryApp
    }
}
