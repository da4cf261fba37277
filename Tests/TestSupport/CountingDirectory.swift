package import Directory
package import Model
import System

/// A directory that counts its look-ups.
package final class CountingDirectory: DirectoryStore {
    let base: MemoryDirectory
    private let counts = Lock<[String: Int]>([:])

    package init(_ base: MemoryDirectory) {
        self.base = base
    }

    /// The number of look-ups by their name and operand.
    package var questions: [String: Int] { counts.withLock { $0 } }

    func count(_ question: String) {
        counts.withLock { $0[question, default: 0] += 1 }
    }

    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        count("app \(slug)")
        return try base.app(slug: slug)
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        count("proxy \(proxyUserID)")
        return try base.app(proxyUserID: proxyUserID)
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        count("components \(appID)")
        return try base.components(appID: appID)
    }

    package func user(login: String) throws(DirectoryError) -> User? {
        count("login \(login)")
        return try base.user(login: login)
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        count("user \(id)")
        return try base.user(id: id)
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        count("membership \(userID) \(organizationID)")
        return try base.membership(userID: userID, organizationID: organizationID)
    }

    package func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken? {
        count("token")
        return try base.token(presented)
    }

    package func apiKey(_ presented: PresentedCredential) throws(DirectoryError) -> APIKey? {
        count("key")
        return try base.apiKey(presented)
    }

    package func organizationToken(_ presented: PresentedCredential) throws(DirectoryError) -> OrganizationToken? {
        count("organization token")
        return try base.organizationToken(presented)
    }

    package func sessionUser(id: Int64) throws(DirectoryError) -> SessionUser? {
        count("session user \(id)")
        return try base.sessionUser(id: id)
    }

    package func isMemberInCopies(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        count("copied membership \(userID) \(organizationID)")
        return try base.isMemberInCopies(userID: userID, organizationID: organizationID)
    }

    package func organizationInCopies(id: Int64) throws(DirectoryError) -> Organization? {
        count("copied organization \(id)")
        return try base.organizationInCopies(id: id)
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        count("organization \(id)")
        return try base.organization(id: id)
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        count("organization \(slug)")
        return try base.organization(slug: slug)
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        count("project \(id)")
        return try base.project(id: id)
    }

    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        count("event \(projectID) \(eventID)")
        return try base.issueEvent(projectID: projectID, eventID: eventID)
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        count("installation \(appID) \(organizationID)")
        return try base.hasInstallation(appID: appID, organizationID: organizationID)
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        count("statistics \(appID)")
        return try base.installationStatistics(appID: appID, addedIn: range)
    }
}

extension CountingDirectory: DeliveryDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        count("app \(id)")
        return try base.app(id: id)
    }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        count("installation \(uuid)")
        return try base.installation(uuid: uuid)
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        count("hook \(installationID) \(organizationID)")
        return try base.serviceHook(installationID: installationID, organizationID: organizationID)
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        count("project \(slug) \(organizationID)")
        return try base.project(slug: slug, organizationID: organizationID)
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        count("owners \(organizationID)")
        return try base.owners(organizationID: organizationID)
    }

    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        count("disable \(appID)")
        return try base.disable(appID: appID, reason: reason, audit: audit, notifies: notifies)
    }

    package func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        count("enable \(appID)")
        return try base.enable(appID: appID, audit: audit)
    }

    package func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {
        count("record \(audit.event)")
        try base.record(audit)
    }

    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        count("notices")
        return try base.pendingNotices(limit: limit)
    }

    package func completeNotice(id: Int64) throws(DirectoryError) {
        count("complete \(id)")
        try base.completeNotice(id: id)
    }
}

extension CountingDirectory: AppListing {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        count("app slugs")
        return try base.appSlugs(ownedBy: organizationIDs, status: status, limit: limit)
    }

    package func appIDs(after id: Int64, limit: Int) throws(DirectoryError) -> [Int64] {
        count("app ids")
        return try base.appIDs(after: id, limit: limit)
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        count("memberships \(userID)")
        return try base.memberships(userID: userID)
    }

    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        count("installations \(appID)")
        return try base.installations(appID: appID, limit: limit)
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        count("installation \(appID) \(organizationID)")
        return try base.installation(appID: appID, organizationID: organizationID)
    }

    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        count("last installation \(appID)")
        return try base.lastInstallation(appID: appID)
    }
}
