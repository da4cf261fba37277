package import Model

/// A directory, or a part of one, as values: what an import brings and an export gives.
///
/// Its JSON form is described in `docs/directory.md`; reading and writing that form is not this module's business.
package struct DirectoryDocument: Hashable, Sendable {
    package var organizations: [Organization] = []
    package var users: [User] = []
    package var memberships: [Membership] = []
    package var apps: [AppEntry] = []
    package var installations: [InstallationEntry] = []
    /// What installations listen to.
    package var serviceHooks: [ServiceHook] = []
    package var projects: [Project] = []
    /// Which issue an error event belongs to.
    package var issueEvents: [IssueEvent] = []
    package var tokens: [TokenEntry] = []
    package var auditEntries: [AuditEntry] = []

    /// A document without rows.
    package init() {}

    /// An app with its components.
    package struct AppEntry: Hashable, Sendable {
        /// The app; its `dateAdded` does not count.
        package var app: SentryApp
        /// Nil = as in the directory, else the time of the import.
        package var dateAdded: Timestamp?
        /// In order; they take the place of those that the directory has.
        package var components: [Component]
        /// Whether an app that the directory has as disabled stays so, with the subscriptions of this row to be restored:
        /// what is imported daily must not enable in silence what is broken. Else the row says what the app is.
        package var keepsDisablement: Bool

        package init(
            app: SentryApp, dateAdded: Timestamp?, components: [Component], keepsDisablement: Bool = false
        ) {
            self.app = app
            self.dateAdded = dateAdded
            self.components = components
            self.keepsDisablement = keepsDisablement
        }
    }

    /// A component of an app.
    package struct Component: Hashable, Sendable {
        /// Nil = as in the directory when the same place holds the same type, else the next free number.
        package var id: Int64?
        package var type: String
        /// The text of one JSON object.
        package var schemaJSON: String

        package init(id: Int64? = nil, type: String, schemaJSON: String) {
            self.id = id
            self.type = type
            self.schemaJSON = schemaJSON
        }
    }

    /// An app installed in an organization.
    package struct InstallationEntry: Hashable, Sendable {
        /// The installation; its `dateAdded` does not count.
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
        /// Nil = as in the directory, else the next free number.
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

/// Something in a directory document that is wrong.
package struct DocumentProblem: Hashable, Sendable, CustomStringConvertible {
    /// Where: `apps[3].status`. Empty for the whole document.
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
    /// The document and the directory do not fit together: the first problems, and how many there are.
    case problems([DocumentProblem], count: Int)
    /// The directory cannot be written.
    case directory(DirectoryError)
}
