package import Model

/// A directory that remembers another one's answers for some seconds, those that say "there is none" too.
///
/// Errors are not remembered, nor are statistics. What changes in the directory is seen after the time to live at the
/// latest; a revoked token works that long.
package final class CachedDirectory<Base: Directory>: Directory {
    package typealias Limits = DirectoryCacheLimits

    let base: Base
    private let timer = LookUpTimer()
    private let limits: Limits
    private let clock: WallClock
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
    package init(_ base: Base, limits: Limits = Limits(), clock: WallClock = .system) {
        func cache<Key, Value>() -> TimedCache<Key, Value> {
            TimedCache(entryLimit: limits.entryLimit, microsecondsToLive: Int64(limits.secondsToLive) * 1_000_000)
        }
        self.base = base
        self.limits = limits
        self.clock = clock
        appsBySlug = cache()
        appsByProxyUser = cache()
        appsByID = cache()
        componentsByApp = cache()
        usersByLogin = cache()
        usersByID = cache()
        memberships = cache()
        tokens = cache()
        organizationsByID = cache()
        organizationsBySlug = cache()
        projects = cache()
        projectsBySlug = cache()
        issueEvents = cache()
        installations = cache()
        installationsByUUID = cache()
        serviceHooks = cache()
    }

    package func app(slug: String) throws(DirectoryError) -> SentryApp? {
        try answer(appsBySlug, ExactText(slug), name: slug) { () throws(DirectoryError) in try base.app(slug: slug) }
    }

    package func app(proxyUserID: Int64) throws(DirectoryError) -> SentryApp? {
        try answer(appsByProxyUser, proxyUserID) { () throws(DirectoryError) in
            try base.app(proxyUserID: proxyUserID)
        }
    }

    package func components(appID: Int64) throws(DirectoryError) -> [SentryAppComponent] {
        try answer(componentsByApp, appID) { () throws(DirectoryError) in try base.components(appID: appID) }
    }

    package func user(login: String) throws(DirectoryError) -> User? {
        try answer(usersByLogin, ExactText(login), name: login) { () throws(DirectoryError) in
            try base.user(login: login)
        }
    }

    package func user(id: Int64) throws(DirectoryError) -> User? {
        try answer(usersByID, id) { () throws(DirectoryError) in try base.user(id: id) }
    }

    package func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try answer(memberships, PairKey(first: userID, second: organizationID)) { () throws(DirectoryError) in
            try base.membership(userID: userID, organizationID: organizationID)
        }
    }

    package func token(digest: TokenDigest) throws(DirectoryError) -> APIToken? {
        try answer(tokens, digest) { () throws(DirectoryError) in try base.token(digest: digest) }
    }

    package func organization(id: Int64) throws(DirectoryError) -> Organization? {
        try answer(organizationsByID, id) { () throws(DirectoryError) in try base.organization(id: id) }
    }

    package func organization(slug: String) throws(DirectoryError) -> Organization? {
        try answer(organizationsBySlug, ExactText(slug), name: slug) { () throws(DirectoryError) in
            try base.organization(slug: slug)
        }
    }

    package func project(id: Int64) throws(DirectoryError) -> Project? {
        try answer(projects, id) { () throws(DirectoryError) in try base.project(id: id) }
    }

    package func issueEvent(projectID: Int64, eventID: String) throws(DirectoryError) -> IssueEvent? {
        try answer(issueEvents, TextKey(owner: projectID, text: ExactText(eventID)), name: eventID) {
            () throws(DirectoryError) in
            try base.issueEvent(projectID: projectID, eventID: eventID)
        }
    }

    package func hasInstallation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try answer(installations, PairKey(first: appID, second: organizationID)) { () throws(DirectoryError) in
            try base.hasInstallation(appID: appID, organizationID: organizationID)
        }
    }

    package func installationStatistics(
        appID: Int64, addedIn range: ClosedRange<Timestamp>
    ) throws(DirectoryError) -> InstallationStatistics {
        try timed { () throws(DirectoryError) in try base.installationStatistics(appID: appID, addedIn: range) }
    }

    /// Time spent so far in what no memory answered, in microseconds; of all threads together.
    package var lookUpMicroseconds: Int64 { timer.microseconds }

    /// Asks the directory behind the cache.
    func timed<Value>(_ question: () throws(DirectoryError) -> Value) throws(DirectoryError) -> Value {
        try timer.measure(question)
    }

    /// The remembered answer, else that of `lookUp`, which is then remembered.
    ///
    /// - Parameter name: the text in the key, whose length is bounded.
    func answer<Key, Value>(
        _ cache: TimedCache<Key, Value>, _ key: Key, name: String = "", lookUp: () throws(DirectoryError) -> Value
    ) throws(DirectoryError) -> Value {
        guard limits.secondsToLive > 0, name.utf8.count <= limits.keyByteLimit else { return try timed(lookUp) }
        // Taken before looking up, so that an answer never counts longer than it says.
        let now = clock.now()
        if let value = cache.value(for: key, at: now) { return value }
        let removalCount = cache.removalCount
        let value = try timed(lookUp)
        if !limits.remembersAbsence, (value as? any PossiblyAbsent)?.isAbsent == true { return value }
        cache.store(value, for: key, at: now, ifNothingRemovedSince: removalCount)
        return value
    }
}

/// An answer that may say that there is none.
private protocol PossiblyAbsent {
    var isAbsent: Bool { get }
}

extension Optional: PossiblyAbsent {
    fileprivate var isAbsent: Bool {
        if case .none = self { true } else { false }
    }
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
