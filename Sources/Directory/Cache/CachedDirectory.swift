package import Model

/// Limits of a `CachedDirectory`.
package struct DirectoryCacheLimits: Sendable {
    /// How long a lookup is valid, in seconds; 0 turns the cache off.
    package var secondsToLive: Int
    /// The maximum number of entries for each kind of lookup.
    package var entryLimit: Int
    /// Longer names are looked up every time: keys come from clients and must not fill the memory.
    package var keyByteLimit: Int
    /// Whether the absence of a row is cached, too. If not, a new row is seen at once.
    package var cachesAbsence: Bool

    package init(
        secondsToLive: Int = 5, entryLimit: Int = 1024, keyByteLimit: Int = 256, cachesAbsence: Bool = true
    ) {
        self.secondsToLive = secondsToLive
        self.entryLimit = entryLimit
        self.keyByteLimit = keyByteLimit
        self.cachesAbsence = cachesAbsence
    }
}

/// A directory that caches another one's rows for some seconds, and their absence too.
///
/// Errors, lists and statistics are not cached. A change of the directory is seen after the time to live at the latest:
/// a revoked token works that long. A change that this process makes is seen at once.
package final class CachedDirectory: DirectoryStore {
    package typealias Limits = DirectoryCacheLimits

    let base: any DeliveryDirectory & AppListing
    let lookUps: CachedLookUps
    let appsBySlug: TimedCache<ExactString, SentryApp?>
    let appsByProxyUser: TimedCache<Int64, SentryApp?>
    let appsByID: TimedCache<Int64, SentryApp?>
    private let componentsByApp: TimedCache<Int64, [SentryAppComponent]>
    private let usersByLogin: TimedCache<ExactString, User?>
    private let usersByID: TimedCache<Int64, User?>
    private let memberships: TimedCache<PairKey, Membership?>
    private let tokens: TimedCache<TokenDigest, APIToken?>
    private let apiKeys: TimedCache<TokenDigest, APIKey?>
    private let organizationTokens: TimedCache<TokenDigest, OrganizationToken?>
    private let sessionUsers: TimedCache<Int64, SessionUser?>
    private let copiedMemberships: TimedCache<PairKey, Bool>
    private let copiedOrganizations: TimedCache<Int64, Organization?>
    private let organizationsByID: TimedCache<Int64, Organization?>
    private let organizationsBySlug: TimedCache<ExactString, Organization?>
    private let projects: TimedCache<Int64, Project?>
    let projectsBySlug: TimedCache<NameKey, Project?>
    private let issueEvents: TimedCache<NameKey, IssueEvent?>
    private let installations: TimedCache<PairKey, Bool>
    let installationsByUUID: TimedCache<ExactString, Installation?>
    let serviceHooks: TimedCache<PairKey, ServiceHook?>

    /// A cache in front of `base`.
    ///
    /// - Parameter changes: shared by all caches in front of the same directory in this process.
    package init(
        _ base: any DeliveryDirectory & AppListing, limits: Limits = Limits(), clock: WallClock = .system,
        changes: DirectoryChanges = DirectoryChanges()
    ) {
        func cache<Key, Value>() -> TimedCache<Key, Value> {
            TimedCache(entryLimit: limits.entryLimit, microsecondsToLive: Int64(limits.secondsToLive) * 1_000_000)
        }
        self.base = base
        lookUps = CachedLookUps(limits: limits, clock: clock, changes: changes)
        appsBySlug = cache()
        appsByProxyUser = cache()
        appsByID = cache()
        componentsByApp = cache()
        usersByLogin = cache()
        usersByID = cache()
        memberships = cache()
        tokens = cache()
        apiKeys = cache()
        organizationTokens = cache()
        sessionUsers = cache()
        copiedMemberships = cache()
        copiedOrganizations = cache()
        organizationsByID = cache()
        organizationsBySlug = cache()
        projects = cache()
        projectsBySlug = cache()
        issueEvents = cache()
        installations = cache()
        installationsByUUID = cache()
        serviceHooks = cache()
    }

    /// Those of the directory behind it, which answers at once.
    package func releases() throws(DirectoryError) -> ClosedRange<ProtocolRelease>? { try base.releases() }

    package var cacheValidity: DirectoryCacheValidity? { lookUps.limits.secondsToLive > 0 ? lookUps.validity : nil }

    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        try lookUps.value(appsBySlug, ExactString(slug), name: slug, base.app(slug: slug))
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        try lookUps.value(appsByProxyUser, proxyUserID, base.app(proxyUserID: proxyUserID))
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try lookUps.value(componentsByApp, appID, base.components(appID: appID))
    }

    package func user(login: String) throws(DirectoryError) -> User? {
        try lookUps.value(usersByLogin, ExactString(login), name: login, base.user(login: login))
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        try lookUps.value(usersByID, id, base.user(id: id))
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try lookUps.value(
            memberships, PairKey(first: userID, second: organizationID),
            base.membership(userID: userID, organizationID: organizationID))
    }

    package func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken? {
        try lookUps.value(tokens, presented.digest, base.token(presented))
    }

    package func apiKey(_ presented: PresentedCredential) throws(DirectoryError) -> APIKey? {
        try lookUps.value(apiKeys, presented.digest, base.apiKey(presented))
    }

    package func organizationToken(_ presented: PresentedCredential) throws(DirectoryError) -> OrganizationToken? {
        try lookUps.value(organizationTokens, presented.digest, base.organizationToken(presented))
    }

    package func sessionUser(id: Int64) throws(DirectoryError) -> SessionUser? {
        try lookUps.value(sessionUsers, id, base.sessionUser(id: id))
    }

    package func isMemberInCopies(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try lookUps.value(
            copiedMemberships, PairKey(first: userID, second: organizationID),
            base.isMemberInCopies(userID: userID, organizationID: organizationID))
    }

    package func organizationInCopies(id: Int64) throws(DirectoryError) -> Organization? {
        try lookUps.value(copiedOrganizations, id, base.organizationInCopies(id: id))
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try lookUps.value(organizationsByID, id, base.organization(id: id))
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        try lookUps.value(organizationsBySlug, ExactString(slug), name: slug, base.organization(slug: slug))
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        try lookUps.value(projects, id, base.project(id: id))
    }

    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try lookUps.value(
            issueEvents, NameKey(owner: projectID, name: ExactString(eventID)), name: eventID,
            base.issueEvent(projectID: projectID, eventID: eventID))
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try lookUps.value(
            installations, PairKey(first: appID, second: organizationID),
            base.hasInstallation(appID: appID, organizationID: organizationID))
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        try lookUps.uncached(base.installationStatistics(appID: appID, addedIn: range))
    }

    /// The time spent so far in lookups that were not in the cache, in microseconds; of all threads that use this
    /// cache.
    package var lookUpMicroseconds: Int64 { lookUps.elapsedMicroseconds }
}

/// Lists are not cached.
extension CachedDirectory: AppListing {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        try lookUps.uncached(base.appSlugs(ownedBy: organizationIDs, status: status, limit: limit))
    }

    package func appIDs(after id: Int64, limit: Int) throws(DirectoryError) -> [Int64] {
        try lookUps.uncached(base.appIDs(after: id, limit: limit))
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        try lookUps.uncached(base.memberships(userID: userID))
    }

    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try lookUps.uncached(base.installations(appID: appID, limit: limit))
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        try lookUps.uncached(base.installation(appID: appID, organizationID: organizationID))
    }

    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        try lookUps.uncached(base.lastInstallation(appID: appID))
    }
}
