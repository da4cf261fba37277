import Directory
import Model
import System

/// A directory whose calls fail if their name is in `faults`.
final class FaultyDirectory: DeliveryDirectory {
    let base: any DeliveryDirectory & AppListing
    private let faults = Lock<Set<String>>([])

    init(_ base: any DeliveryDirectory & AppListing) {
        self.base = base
    }

    func fail(_ names: String...) { faults.withLock { $0 = Set(names) } }

    func check(_ name: String) throws(DirectoryError) {
        if faults.withLock({ $0.contains(name) }) { throw .unavailable(location: "test", reason: name) }
    }

    func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        try check("app")
        if faults.withLock({ $0.contains("corrupt app \(id)") }) { throw .corrupt(table: "apps", reason: "app \(id)") }
        return try base.app(id: id)
    }

    func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try check("organization")
        return try base.organization(id: id)
    }

    func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try check("owners")
        return try base.owners(organizationID: organizationID)
    }

    func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        try check("disable")
        return try base.disable(appID: appID, reason: reason, audit: audit, notifies: notifies)
    }

    func record(_ audit: AuditEntry.Draft) throws(DirectoryError) { try base.record(audit) }

    func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        try check("notices")
        return try base.pendingNotices(limit: limit)
    }

    func completeNotice(id: Int64) throws(DirectoryError) {
        try check("complete")
        try base.completeNotice(id: id)
    }

    func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        try base.enable(appID: appID, audit: audit)
    }

    func installation(uuid: String) throws(DirectoryError) -> Installation? { try base.installation(uuid: uuid) }
    func app(slug: String) throws(DirectoryError) -> SentryApp? { try base.app(slug: slug) }
    func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? { try base.app(proxyUserID: proxyUserID) }
    func user(login: String) throws(DirectoryError) -> User? { try base.user(login: login) }
    func user(id: Int64) throws(DirectoryError) -> User? { try base.user(id: id) }
    func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken? { try base.token(presented) }
    func organization(slug: String) throws(DirectoryError) -> Organization? { try base.organization(slug: slug) }
    func project(id: Int64) throws(DirectoryError) -> Project? { try base.project(id: id) }

    func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try base.components(appID: appID)
    }

    func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try base.membership(userID: userID, organizationID: organizationID)
    }

    func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try base.issueEvent(projectID: projectID, eventID: eventID)
    }

    func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try base.hasInstallation(appID: appID, organizationID: organizationID)
    }

    func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        try base.installationStatistics(appID: appID, addedIn: range)
    }

    func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        try base.serviceHook(installationID: installationID, organizationID: organizationID)
    }

    func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try base.project(slug: slug, organizationID: organizationID)
    }
}

extension FaultyDirectory: AppListing {
    func appIDs(after id: Int64, limit: Int) throws(DirectoryError) -> [Int64] {
        try check("list")
        return try base.appIDs(after: id, limit: limit)
    }
    func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        try base.appSlugs(ownedBy: organizationIDs, status: status, limit: limit)
    }
    func memberships(userID: Int64) throws(DirectoryError) -> [Membership] { try base.memberships(userID: userID) }
    func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        if faults.withLock({ $0.contains("corrupt installations \(appID)") }) {
            throw .corrupt(table: "installations", reason: "app \(appID)")
        }
        return try base.installations(appID: appID, limit: limit)
    }
    func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        try base.installation(appID: appID, organizationID: organizationID)
    }
    func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        try base.lastInstallation(appID: appID)
    }
}
