import Directory
import Model

/// The problems that are assumed to be fixed, so that the steps behind them can be evaluated.
struct DryRun {
    var isInstalled = false
    var isEnabled = false
    var hasServiceHook = false
    /// The event that the app, or the hook, is assumed to subscribe to.
    var appSubscription: String?
    var hookSubscription: String?
    var allowsAllProjects = false
}

/// A view of a directory in which some problems are fixed, so that a diagnosis finds every problem, not only the first.
/// Changes nothing.
struct DryRunDirectory: DeliveryDirectory {
    let base: any DeliveryDirectory
    let dryRun: DryRun

    private func fixed(_ app: SentryApp?) -> SentryApp? {
        guard var app else { return nil }
        if dryRun.isEnabled { app.isDisabledByPlatform = false }
        if dryRun.isEnabled, let disablement = app.disablement {
            app.disablement = nil
            // The original leaves them where they are when it disables an app.
            if !disablement.events.isEmpty { app.events = disablement.events }
        }
        if let event = dryRun.appSubscription { app.events.append(event) }
        return app
    }

    func app(id: Int64) throws(DirectoryError) -> SentryApp? { fixed(try base.app(id: id)) }
    func app(slug: String) throws(DirectoryError) -> SentryApp? { fixed(try base.app(slug: slug)) }
    func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        fixed(try base.app(proxyUserID: proxyUserID))
    }

    func installation(uuid: String) throws(DirectoryError) -> Installation? {
        var installation = try base.installation(uuid: uuid)
        if dryRun.isInstalled { installation?.status = .installed }
        return installation
    }

    func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        var hook = try base.serviceHook(installationID: installationID, organizationID: organizationID)
        if hook == nil, dryRun.hasServiceHook {
            hook = ServiceHook(
                id: 0, installationID: installationID, organizationID: organizationID, url: "", events: [])
        }
        if let event = dryRun.hookSubscription { hook?.events.append(event) }
        if dryRun.allowsAllProjects { hook?.projectIDs = [] }
        return hook
    }
}

/// The lookups to which no assumption applies.
extension DryRunDirectory {
    func releases() throws(DirectoryError) -> ClosedRange<ProtocolRelease>? { try base.releases() }

    func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try base.project(slug: slug, organizationID: organizationID)
    }

    func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try base.owners(organizationID: organizationID)
    }

    func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool { false }

    func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool { false }

    func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {}

    func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] { [] }

    func completeNotice(id: Int64) throws(DirectoryError) {}

    func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try base.components(appID: appID)
    }

    func user(login: String) throws(DirectoryError) -> User? { try base.user(login: login) }

    func user(id: Int64) throws(DirectoryError) -> User? { try base.user(id: id) }

    func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try base.membership(userID: userID, organizationID: organizationID)
    }

    func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken? { try base.token(presented) }

    func organization(id: Int64) throws(DirectoryError) -> Organization? { try base.organization(id: id) }

    func organization(slug: String) throws(DirectoryError) -> Organization? { try base.organization(slug: slug) }

    func project(id: Int64) throws(DirectoryError) -> Project? { try base.project(id: id) }

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
}
