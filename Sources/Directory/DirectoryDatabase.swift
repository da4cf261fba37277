package import Model

/// A whole directory: what requests, delivery and the command line read, and the changes that delivery makes.
package protocol DirectoryDatabase: DeliveryDirectory, AppListing, ManagedDirectory, AuditListing {
    /// The file's path or the database's address, without a password: for messages.
    var name: String { get }

    /// Connects and checks that this program can read the directory.
    ///
    /// - Throws: what every lookup would.
    func check() throws(DirectoryError)

    /// All apps that are not deleted with their owners, ordered by slug.
    func apps() throws(DirectoryError) -> [(app: SentryApp, owner: Organization?)]

    /// The app with this slug, deleted ones included.
    func anyApp(slug: String) throws(DirectoryError) -> SentryApp?

    /// The organizations with an installation of the app that is not deleted, ordered by id, at most `limit`.
    func organizationIDs(installing appID: Int64, limit: Int) throws(DirectoryError) -> [Int64]

    /// All tokens with their users, ordered by token id.
    func tokens() throws(DirectoryError) -> [(token: APIToken, user: User)]

    /// All organizations, in any status, ordered by slug.
    func organizations() throws(DirectoryError) -> [Organization]

    /// All users, inactive ones and those that act for apps included, ordered by user name.
    func users() throws(DirectoryError) -> [User]

    /// The organization's members with their memberships, ordered by user name.
    func members(organizationID: Int64) throws(DirectoryError) -> [(user: User, membership: Membership)]

    /// A snapshot of the whole directory, rows ordered by key.
    func document() throws(DirectoryError) -> DirectoryDocument

    /// Changes the settings of an app that Hookline keeps, in one transaction with the audit entry. Of several programs
    /// that change the same app, each sees what the one before has written.
    ///
    /// Previous secrets that have expired are removed before `change` sees the settings.
    ///
    /// - Parameter change: changes the settings, and returns the entry for the audit log; nil when nothing is to be
    ///   written.
    /// - Returns: whether there is such an app.
    /// - Throws: `readOnlyTables` when the client secret is changed and belongs to another program.
    func changeSettings(
        ofApp id: Int64, at now: Timestamp, _ change: (inout AppSettings) -> AuditEntry.Draft?
    ) throws(DirectoryError) -> Bool

    /// In which form the secrets are stored that Hookline keeps: client secrets, previous secrets, values of headers.
    func storedSecrets() throws(DirectoryError) -> StoredSecrets

    /// Encrypts all of them with the first key of the file, or stores all of them unencrypted; all in one transaction.
    ///
    /// - Parameter audit: the entry for the audit log about an app of which something could not be read, written in
    ///   the same transaction.
    /// - Throws: `unavailable` when one of them cannot be read and is not to be replaced.
    func rewriteSecrets(
        _ form: SecretRewriting, at now: Timestamp, audit: (RepairedApp) -> AuditEntry.Draft
    ) throws(DirectoryError) -> RewrittenSecrets

    /// What is missing in the directory, such as a right that one feature needs, and does not keep programs from
    /// starting: one sentence for each, with what to do.
    func findings() throws(DirectoryError) -> [String]
}

extension DirectoryDatabase {
    package func findings() throws(DirectoryError) -> [String] { [] }
}

/// Write access to a stand-alone directory: imports documents, adds and removes tokens. Each change is one
/// transaction.
package protocol DirectoryWriter {
    /// The file's path or the database's address, without a password: for messages.
    var name: String { get }

    /// Imports a document that is made from the directory's present state, and that takes effect only after a look at
    /// what it changes. All in one transaction, so that nothing changes in between.
    ///
    /// Existing rows are replaced, new rows are added, other rows stay unless the options remove them. Each app that
    /// the import enables or disables gets an entry in the audit log.
    ///
    /// - Parameters:
    ///   - now: the date of new rows without one, and of the changes; evaluated when other writers are locked out.
    ///   - document: makes the document from the present state.
    ///   - confirm: whether the import is to take effect; otherwise nothing changes.
    func importDocument(
        _ options: DirectoryImportOptions, at now: @autoclosure () -> Timestamp,
        document: (DirectoryDocument) throws(DirectoryImportError) -> DirectoryDocument,
        confirm: (DirectoryImportResult) -> Bool
    ) throws(DirectoryImportError) -> DirectoryImportResult

    /// Adds a token and returns it with its id.
    ///
    /// - Parameter audit: makes the entries for the audit log, which are written in the same transaction.
    /// - Throws: `conflict` when the user does not exist or the token does already.
    func addToken(
        _ entry: DirectoryDocument.TokenEntry, at now: @autoclosure () -> Timestamp,
        audit: (APIToken) -> [AuditEntry.Draft]
    ) throws(DirectoryError) -> APIToken

    /// Removes the tokens with these ids; nothing changes if any id is unknown.
    ///
    /// - Parameter audit: the entries for the audit log, which are written in the same transaction.
    /// - Throws: `conflict` with the first unknown id.
    func removeTokens(
        ids: [Int64], at now: @autoclosure () -> Timestamp, audit: [AuditEntry.Draft]
    ) throws(DirectoryError)
}

extension DirectoryWriter {
    /// Imports a document in one transaction.
    ///
    /// Importing the same document again changes nothing: ids and dates that the document leaves open are kept. No
    /// audit entry is ever changed or removed.
    ///
    /// - Parameters:
    ///   - isReplacing: whether all rows that are not in the document are removed, audit entries excepted.
    ///   - now: the date of new rows without one.
    ///   - problemLimit: at most this many problems are reported.
    package func importDocument(
        _ document: DirectoryDocument, isReplacing: Bool, at now: Timestamp, problemLimit: Int = 20
    ) throws(DirectoryImportError) {
        let options = DirectoryImportOptions(isReplacing: isReplacing, problemLimit: problemLimit)
        _ = try importDocument(options, at: now, document: { _ in document }, confirm: { _ in true })
    }
}
