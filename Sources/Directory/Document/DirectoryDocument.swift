package import Model

/// A directory, or a part of one, as values: the input of an import and the output of an export.
///
/// `docs/directory.md` describes its JSON form, which the command line reads and writes.
package struct DirectoryDocument: Hashable, Sendable {
    /// When the document was read from a directory; nil for one that was not, and not set by reading alone.
    package var exportedAt: Timestamp?
    package var organizations: [Organization] = []
    package var users: [User] = []
    package var memberships: [Membership] = []
    package var apps: [AppEntry] = []
    package var installations: [InstallationEntry] = []
    /// The installations' subscriptions.
    package var serviceHooks: [ServiceHook] = []
    package var projects: [Project] = []
    /// Which issue an error event belongs to.
    package var issueEvents: [IssueEvent] = []
    package var tokens: [TokenEntry] = []
    package var auditEntries: [AuditEntry] = []

    /// An empty document.
    package init() {}

    /// An app with its components.
    package struct AppEntry: Hashable, Sendable {
        /// The app; its `dateAdded` is ignored.
        package var app: SentryApp
        /// Nil = as in the directory, else the time of the import.
        package var dateAdded: Timestamp?
        /// In order; they replace those in the directory.
        package var components: [Component]
        /// Whether an app that is disabled in the directory stays disabled, with the subscriptions of this row kept for
        /// `enable`: a daily import must not enable it. False = the row decides.
        package var keepsDisablement: Bool
        /// Whether the app's previous secrets are those in the directory: an import by another system must not end an
        /// overlap. False = those of the row.
        package var keepsPreviousSecrets: Bool
        /// The same of the app's private key.
        package var keepsSigningKey: Bool
        /// The same of its relay targets.
        package var keepsRelayTargets: Bool

        package init(
            app: SentryApp, dateAdded: Timestamp?, components: [Component], keepsDisablement: Bool = false,
            keepsPreviousSecrets: Bool = false, keepsSigningKey: Bool = false, keepsRelayTargets: Bool = false
        ) {
            self.app = app
            self.dateAdded = dateAdded
            self.components = components
            self.keepsDisablement = keepsDisablement
            self.keepsPreviousSecrets = keepsPreviousSecrets
            self.keepsSigningKey = keepsSigningKey
            self.keepsRelayTargets = keepsRelayTargets
        }
    }

    /// A component of an app.
    package struct Component: Hashable, Sendable {
        /// Nil = as in the directory when the same position has the same type, else the next free id.
        package var id: Int64?
        package var type: String
        /// One JSON object.
        package var schemaJSON: String

        package init(id: Int64? = nil, type: String, schemaJSON: String) {
            self.id = id
            self.type = type
            self.schemaJSON = schemaJSON
        }
    }

    /// An app installed in an organization.
    package struct InstallationEntry: Hashable, Sendable {
        /// The installation; its `dateAdded` is ignored.
        package var installation: Installation
        /// Nil = as in the directory, else the time of the import.
        package var dateAdded: Timestamp?

        package init(installation: Installation, dateAdded: Timestamp?) {
            self.installation = installation
            self.dateAdded = dateAdded
        }
    }

    /// An API token, known by its digest.
    package struct TokenEntry: Hashable, Sendable {
        /// Nil = as in the directory, else the next free id.
        package var id: Int64?
        package var digest: TokenDigest
        package var userID: Int64
        package var scopes: ScopeSet
        package var name: String
        package var expiresAt: Timestamp?
        /// Nil = as in the directory, else the time of the import.
        package var dateAdded: Timestamp?
        package var allowedOrigins: [String]?

        package init(
            id: Int64? = nil, digest: TokenDigest, userID: Int64, scopes: ScopeSet, name: String = "",
            expiresAt: Timestamp? = nil, dateAdded: Timestamp? = nil, allowedOrigins: [String]? = nil
        ) {
            self.id = id
            self.digest = digest
            self.userID = userID
            self.scopes = scopes
            self.name = name
            self.expiresAt = expiresAt
            self.dateAdded = dateAdded
            self.allowedOrigins = allowedOrigins
        }
    }
}

/// A mistake in a directory document.
package struct DocumentProblem: Hashable, Sendable, CustomStringConvertible {
    /// The field: `apps[3].status`. Empty for the whole document.
    package var path: String
    package var message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// Why an import wrote nothing.
package enum DirectoryImportError: Error, Hashable, Sendable {
    /// The document contradicts itself or the directory: the first problems, and the count of all.
    case problems([DocumentProblem], count: Int)
    /// The directory cannot be written.
    case directory(DirectoryError)
    /// The caller did not confirm the changes; no caller gets this error.
    case unconfirmed
}
