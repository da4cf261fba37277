package import Directory
package import Model
import WireJSON

/// Changes of installations, each in the transaction of `rows`, with the service hook and the entry in the audit log.
package struct InstallationChanges {
    private let rows: any DirectoryRows
    private let author: ChangeAuthor
    private let now: Timestamp
    /// The value of `If-Match`; nil = whatever state the installation is in.
    private let expected: String?

    package init(_ rows: any DirectoryRows, author: ChangeAuthor, expected: String? = nil, at now: Timestamp) {
        self.rows = rows
        self.author = author
        self.expected = expected
        self.now = now
    }

    /// An installation after a change.
    package struct Outcome: Sendable {
        package var installation: Installation
        package var app: SentryApp
        package var version: RowVersion
        /// Whether the app was installed before already, so that nothing was changed.
        package var wasPresent: Bool
    }

    /// Installs an app in an organization, with a service hook for the app's events.
    ///
    /// An app that is installed there already stays as it is.
    ///
    /// - Parameter isAdministrator: whether the caller may install apps that are not published anywhere; others only
    ///   where the organization owns the app.
    package func install(
        appID: Int64, in organization: Organization, status: Installation.Status, isAdministrator: Bool
    ) throws(ManagementRefusal) -> Outcome {
        guard let app = try directory(rows.app(id: appID))?.app,
            isAdministrator || app.status == .published || app.ownerID == organization.id
        else { throw Self.unknownApp }
        if let present = try directory(rows.installation(appID: appID, organizationID: organization.id)) {
            return try outcome(present, app, wasPresent: true)
        }
        let installation = Installation(
            id: try directory(rows.nextID(of: .installations)), appID: appID, organizationID: organization.id,
            uuid: RandomText.uuid(), status: status, dateAdded: now)
        var document = DirectoryDocument()
        document.installations = [.init(installation: installation, dateAdded: now)]
        document.serviceHooks = [
            ServiceHook(
                id: try directory(rows.nextID(of: .serviceHooks)), installationID: installation.id,
                organizationID: organization.id, url: app.webhookURL ?? "",
                events: app.subscriptions)
        ]
        try directory(rows.write(document))
        try record(AuditEntry.appInstalled, installation, app)
        return try outcome(installation, app, wasPresent: false)
    }

    /// Also what outsiders get about an app that is there, but not for them.
    package static let unknownApp = ManagementRefusal(
        "slug",
        "there is no such app, or it is not published and belongs to another organization")

    /// Marks an installation as deleted, unless it is another organization's by now.
    package func uninstall(uuid: String, from organizationID: Int64) throws(ManagementRefusal) {
        guard var installation = try directory(rows.installation(uuid: uuid)),
            installation.organizationID == organizationID
        else { throw .notFound }
        if let expected, !(try version(installation)).isNamed(by: expected) { throw .changedMeanwhile }
        installation.dateDeleted = now
        var document = DirectoryDocument()
        document.installations = [.init(installation: installation, dateAdded: installation.dateAdded)]
        try directory(rows.write(document))
        try record(AuditEntry.appUninstalled, installation, try directory(rows.app(id: installation.appID))?.app)
    }

    private func record(
        _ event: Int, _ installation: Installation, _ app: SentryApp?
    ) throws(ManagementRefusal) {
        let members: [JSONValue.Member] = [
            .init(name: "name", value: .string(app?.name ?? "")),
            .init(name: "installation", value: .string(installation.uuid)),
        ]
        try directory(
            rows.record(
                AuditEntry.Draft(
                    event: event, by: author, organizationID: installation.organizationID, members: members, at: now)))
    }

    private func version(_ installation: Installation) throws(ManagementRefusal) -> RowVersion {
        let key = RowKey(.installations, String(installation.id))
        return RowVersion(of: key, changedAt: try directory(rows.lastChange(of: key)))
    }

    private func outcome(
        _ installation: Installation, _ app: SentryApp, wasPresent: Bool
    ) throws(ManagementRefusal) -> Outcome {
        Outcome(
            installation: installation, app: app, version: try version(installation), wasPresent: wasPresent)
    }
}
