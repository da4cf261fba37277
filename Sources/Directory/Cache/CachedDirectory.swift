package import Model

/// A directory that remembers another one's answers for some seconds, those that say "there is none" too.
///
/// Errors are not remembered, nor are statistics. What changes in the directory is seen after the time to live at the
/// latest; a revoked token works that long. What this process changes is seen at once.
package final class CachedDirectory<Base: DirectoryStore>: DirectoryStore {
    package typealias Limits = DirectoryCacheLimits

    let base: Base
    let memory: DirectoryMemory
    let appsBySlug: TimedCache<ExactText, SentryApp?>
    let appsByProxyUser: TimedCache<Int64, SentryApp?>
    let appsByID: TimedCache<Int64, SentryApp?>
    private let componentsByApp: TimedCache<Int64, [SentryAppComponent]>
    private let usersByLogin: TimedCache<ExactText, User?>
    private let usersByID: TimedCache<Int64, User?>
    private let memberships: TimedCache<PairKey, Membership?>
    private let tokens: TimedCache<TokenDigest, APIToken?>
    private let organizationsByID: TimedCache<Int64, Organization?>
    private let organizationsBySlug: TimedCache<ExactText, Organization?>
    private let projects: TimedCache<Int64, Project?>
    let projectsBySlug: TimedCache<TextKey, Project?>
    private let issueEvents: TimedCache<TextKey, IssueEvent?>
    private let installations: TimedCache<PairKey, Bool>
    let installationsByUUID: TimedCache<ExactText, Installation?>
    let serviceHooks: TimedCache<PairKey, ServiceHook?>

    /// A cache in front of `base`.
    ///
    /// - Parameters:
    ///   - changes: shared by all caches in front of the same directory in this process.
    package init(
        _ base: Base, limits: Limits = Limits(), clock: WallClock = .system,
        changes: DirectoryChanges = DirectoryChanges()
    ) {
        func cache<Key, Value>(_ epochs: MemoryEpochs? = nil) -> TimedCache<Key, Value> {
            TimedCache(
                entryLimit: limits.entryLimit, microsecondsToLive: Int64(limits.secondsToLive) * 1_000_000,
                epochs: epochs)
        }
        // Of what answers that are kept show.
        let epochs = MemoryEpochs()
        self.base = base
        memory = DirectoryMemory(
            limits: limits, clock: clock, changes: changes, epochs: epochs)
        appsBySlug = cache()
        appsByProxyUser = cache()
        appsByID = cache()
        componentsByApp = cache()
        usersByLogin = cache()
        usersByID = cache()
        memberships = cache()
        tokens = cache()
        organizationsByID = cache(epochs)
        organizationsBySlug = cache()
        projects = cache(epochs)
        projectsBySlug = cache()
        issueEvents = cache(epochs)
        installations = cache()
        installationsByUUID = cache()
        serviceHooks = cache()
    }

    package var epoch: Int? { memory.epoch }

    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        try memory.answer(appsBySlug, ExactText(slug), name: slug) { () throws(DirectoryError) in
            try base.app(slug: slug)
        }
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        try memory.answer(appsByProxyUser, proxyUserID) { () throws(DirectoryError) in
            try base.app(proxyUserID: proxyUserID)
        }
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try memory.answer(componentsByApp, appID) { () throws(DirectoryError) in try base.components(appID: appID) }
    }

    package func user(login: String) throws(DirectoryError) -> User? {
        try memory.answer(usersByLogin, ExactText(login), name: login) { () throws(DirectoryError) in
            try base.user(login: login)
        }
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        try memory.answer(usersByID, id) { () throws(DirectoryError) in try base.user(id: id) }
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try memory.answer(memberships, PairKey(first: userID, second: organizationID)) { () throws(DirectoryError) in
            try base.membership(userID: userID, organizationID: organizationID)
        }
    }

    package func token(digest: TokenDigest) throws(DirectoryError) -> APIToken? {
        try memory.answer(tokens, digest) { () throws(DirectoryError) in try base.token(digest: digest) }
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try memory.answer(organizationsByID, id) { () throws(DirectoryError) in try base.organization(id: id) }
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        try memory.answer(organizationsBySlug, ExactText(slug), name: slug) { () throws(DirectoryError) in
            try base.organization(slug: slug)
        }
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        try memory.answer(projects, id) { () throws(DirectoryError) in try base.project(id: id) }
    }

    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try memory.answer(issueEvents, TextKey(owner: projectID, text: ExactText(eventID)), name: eventID) {
            () throws(DirectoryError) in
            try base.issueEvent(projectID: projectID, eventID: eventID)
        }
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try memory.answer(installations, PairKey(first: appID, second: organizationID)) { () throws(DirectoryError) in
            try base.hasInstallation(appID: appID, organizationID: organizationID)
        }
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        try memory.lookUp { () throws(DirectoryError) in try base.installationStatistics(appID: appID, addedIn: range) }
    }

    /// Time spent so far in what no memory answered, in microseconds; of all threads that use this cache.
    package var lookUpMicroseconds: Int64 { memory.lookUpMicroseconds }
}

/// The key of what belongs to two rows.
struct PairKey: Hashable {
    let first: Int64
    let second: Int64
}

/// The key of what has a name within another row.
struct TextKey: Hashable {
    let owner: Int64
    let text: ExactText
}
