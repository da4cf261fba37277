package import Model
package import System

/// How sessions of the original are recognized (docs/security.md).
package struct SessionSettings: Hashable, Sendable {
    /// The original's `system.secret-key`, with which it signs its cookies.
    package var secret: Secret
    /// The client must be in one of these to use superuser rights; empty = any client. The original's
    /// `SUPERUSER_ALLOWED_IPS`.
    package var superuserNetworks: [CIDR]
    /// The origin of the platform's pages, such as `https://sentry.example.com`, which is trusted like the host of the
    /// request itself; nil = none. The original's `system.url-prefix`.
    package var platformOrigin: String?

    package init(secret: Secret, superuserNetworks: [CIDR] = [], platformOrigin: String? = nil) {
        self.secret = secret
        self.superuserNetworks = superuserNetworks
        self.platformOrigin = platformOrigin
    }
}
