import Buffer
package import Directory
package import Logging
package import Model
package import Queue
package import Redis
import System
package import WebhookRules

/// How silent apps are looked for.
package struct SilenceSettings: Hashable, Sendable {
    package var rule = SilenceRule()
    /// Whether the owners of an app get a mail when it becomes silent.
    package var sendsMails = false
    /// The apps of one step: what is asked of Redis and of the directory at once is bounded by it.
    package var appsPerStep = 20
    /// Between two steps of a round: four apps a second, five thousand in 21 minutes.
    package var stepPause = Duration.seconds(5)
    /// Between two rounds.
    package var roundPause = Duration.seconds(600)
    /// How long a step looks at apps; the rest of them are left to the next one. The thread has other work, too.
    package var stepBudget = Duration.seconds(1)
    /// After this time another worker begins a step again whose worker has ended.
    package var stepLease = Duration.seconds(60)

    package init() {}
}

/// Looks for silent apps: visits every app of the directory in turn, a few in each step, counts those that are silent,
/// and tells each silence once (docs/silence.md).
///
/// Several processes may do so with the same Redis: one of them takes each step. Not thread-safe.
package final class SilenceMonitor {
    /// The same for all processes: any may finish what another one began.
    private static let owner = "monitor"
    /// How long a process may take to queue the mails of a silence; after that another one may do it.
    private static let claimLifetimeSeconds = 60

    private let settings: SilenceSettings
    private let diagnosis: DiagnosisSettings
    private let rows: WebhookRequestBuffer
    private let times: LastTimes
    private let rounds: SilenceRounds
    private let transitions: StateTransitions
    private let breakers: (any CircuitBreakerReading)?
    private let directory: any DeliveryDirectory & AppListing
    private let mails: OwnerMails
    private let log: Logger
    private var timer: IntervalTimer
    private var isFailing = false

    /// - Parameters:
    ///   - connection: may be shared with other code of the thread, unless that blocks on it.
    ///   - breakers: nil = there are no circuit breakers.
    ///   - mailQueue: nil when there is no mail server; a warning is logged instead of mails.
    ///   - baseURL: of the pages that mails link to, without a slash at its end.
    ///   - links: whose pages they are.
    package init(
        connection: RedisConnection, settings: SilenceSettings, plan: PlanSettings, policies: DeliveryPolicies,
        breakers: (any CircuitBreakerReading)?, directory: any DeliveryDirectory & AppListing,
        mailQueue: DeliveryQueue?, baseURL: String, links: AutoDisableNotice.Links, log: Logger
    ) {
        self.settings = settings
        diagnosis = DiagnosisSettings(plan: plan, policies: policies, silence: settings.rule)
        rows = WebhookRequestBuffer(connection: connection, events: plan.events)
        times = LastTimes(connection: connection)
        rounds = SilenceRounds(connection: connection)
        transitions = StateTransitions(connection: connection)
        self.breakers = breakers
        self.directory = directory
        mails = OwnerMails(directory: directory, queue: mailQueue, baseURL: baseURL, links: links, log: log)
        self.log = log
        timer = IntervalTimer(every: settings.stepPause, isDueAtOnce: true)
    }

    /// The time until the next step may be due.
    func remaining(_ now: MonotonicTime) -> Duration { timer.remaining(now) }

    /// One step, if it is due. A failure is logged once and tried again: nothing else depends on it.
    func work(now: Timestamp) {
        guard timer.take(.now()) else { return }
        do {
            try step(now: now)
            isFailing = false
        } catch {
            if !isFailing {
                log.warning("silent apps could not be looked for", metadata: ["error": "\(error)"])
            }
            isFailing = true
        }
    }

    /// One step.
    ///
    /// - Returns: whether this worker took one.
    @discardableResult
    package func step(now: Timestamp) throws -> Bool {
        guard
            let step = try rounds.begin(
                lease: settings.stepLease, longestPause: max(settings.stepPause, settings.roundPause))
        else { return false }
        let ids = try directory.appIDs(after: step.cursor, limit: settings.appsPerStep)
        let (visited, counts) = try visit(ids, now: now)
        let isLast = ids.count < settings.appsPerStep && visited == ids.last
        try rounds.finish(
            step, next: isLast ? nil : visited, pause: isLast ? settings.roundPause : settings.stepPause,
            counts: counts, now: now)
        return true
    }

    /// Counts the silent ones among some apps by their first cause, and tells of those.
    ///
    /// - Returns: the last app that was visited, and the counts.
    private func visit(_ ids: [Int64], now: Timestamp) throws -> (last: Int64?, counts: [String: Int]) {
        guard !ids.isEmpty else { return (nil, [:]) }
        let end = MonotonicTime.now().adding(settings.stepBudget)
        let rules = diagnosis.plan.protocolChoice.rules(fitting: try directory.releases())
        let remembered = try times.times(of: ids)
        // Most apps had an attempt lately; of the others there may be rows that the original has written.
        let suspects = zip(ids, remembered.apps).filter { _, times in
            let attempt = Silence.lastAttempt(of: [times.attempt], at: now)
            return attempt == nil || settings.rule.isSilent(attempt, at: now)
        }
        let newest = try rows.lastAttempts(of: suspects.map(\.0), notAfter: now.adding(seconds: Silence.secondsAhead))
        try times.noteAttempts(
            zip(suspects, newest).compactMap { suspect, date in
                let known = Silence.lastAttempt(of: [suspect.1.attempt], at: now)
                return date.flatMap { $0 > known ?? Timestamp(microseconds: .min) ? (suspect.0, $0) : nil }
            })
        var counts: [String: Int] = [:]
        for ((id, times), date) in zip(suspects, newest) {
            guard settings.rule.isSilent(Silence.lastAttempt(of: [times.attempt, date], at: now), at: now) else {
                continue
            }
            let found: (app: SentryApp, silence: Silence)?
            do throws(DirectoryError) {
                found = try silence(
                    ofApp: id, newestRow: date, times, observedSince: remembered.observedSince, rules, now: now)
            } catch {
                // One app that cannot be read does not keep the others from being visited.
                guard case .corrupt = error else { throw error }
                counts[SilenceCause.Kind.corruptDirectory.rawValue, default: 0] += 1
                continue
            }
            guard let (app, silence) = found else { continue }
            counts[silence.firstCause, default: 0] += 1
            try tell(silence, of: app, now: now)
            if MonotonicTime.now() >= end { return (id, counts) }
        }
        return (ids.last, counts)
    }

    /// Nil when the app is not silent, or was deleted in the meantime.
    private func silence(
        ofApp id: Int64, newestRow: Timestamp?, _ times: LastTimesPage.Times, observedSince: Timestamp?,
        _ rules: ProtocolRules, now: Timestamp
    ) throws(DirectoryError) -> (app: SentryApp, silence: Silence)? {
        guard let app = try directory.app(id: id) else { return nil }
        let diagnosis = SilenceDiagnosis(
            app: app, settings: diagnosis, rules: rules, audience: .user(seesProjects: false), now: now)
        let facts = diagnosis.facts(newestRow: newestRow, times, observedSince: observedSince, breakers: breakers)
        guard let facts else { return nil }
        return (app, try diagnosis.silence(facts, in: directory))
    }
}

/// What follows once from each silence.
extension SilenceMonitor {
    private func tell(_ silence: Silence, of app: SentryApp, now: Timestamp) throws {
        let last = silence.lastRequest
        let report = StateTransition(appID: app.id, kind: "silent", id: String(last.seconds))
        if try transitions.claim(report, owner: Self.owner, lifetimeSeconds: Int(LastTimes.lifetimeSeconds)) {
            log.notice(
                "an app is silent: nothing was sent to it for days",
                metadata: [
                    "sentryapp_slug": "\(app.slug)", "last_request": "\(last.truncatedToSeconds.iso8601Description)",
                    "causes": "\(silence.causes.map(\.kind.rawValue).joined(separator: ","))",
                ])
        }
        guard settings.sendsMails, !silence.isKnownToOwners else { return }
        let mail = StateTransition(appID: app.id, kind: "silence-mail", id: String(last.seconds))
        guard try transitions.claim(mail, owner: Self.owner, lifetimeSeconds: Self.claimLifetimeSeconds) else { return }
        do throws(AutoDisableError) {
            try send(silence, of: app, now: now)
        } catch {
            _ = try transitions.release(mail, owner: Self.owner)
            if case .redis(let error) = error { throw error }
            log.warning(
                "the owners of an app could not be told that it is silent; it will be retried",
                metadata: ["sentryapp_slug": "\(app.slug)", "error": "\(error)"])
            return
        }
        _ = try transitions.prolong(mail, owner: Self.owner, lifetimeSeconds: Int(LastTimes.lifetimeSeconds))
    }

    private func send(_ silence: Silence, of app: SentryApp, now: Timestamp) throws(AutoDisableError) {
        let owner = try AutoDisableError.directory { () throws(DirectoryError) in
            try directory.organization(id: app.ownerID)
        }
        guard let owner else { return }
        let change = OwnerMails.Change(
            kind: .silent(since: silence.lastRequest), key: "silent:\(app.id):\(silence.lastRequest.seconds)",
            reason: silence.causesText, date: now)
        try mails.send(change, app: app, organization: owner)
    }
}

extension Silence {
    /// Whether the owners know the cause: they were told that the app was disabled, and nobody expects anything of an
    /// app that is not installed.
    fileprivate var isKnownToOwners: Bool {
        causes.contains { cause in
            switch cause.kind {
            case .disabled, .missingInstallation: true
            case .missingServiceHook, .notSubscribed, .missingWebhookURL, .missingSecret, .corruptDirectory,
                .breakerOpen, .noEventAccepted, .nothingReceived:
                false
            }
        }
    }
}
