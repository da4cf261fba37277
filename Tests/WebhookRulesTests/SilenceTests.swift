import Buffer
import Directory
import Model
import Queue
import Redis
import TestSupport
import Testing

@testable import WebhookRules

/// When an app is silent, and what is known of the cause.
@Suite
struct SilenceTests {
    private let now = Timestamp(seconds: 1_700_000_000)
    private let last = Timestamp(seconds: 1_700_000_000 - 8 * 86_400)
    private let fleet = MemoryFleet()

    /// The remembered times of every app.
    private final class Times: LastTimeReading {
        var page = LastTimesPage(apps: [.init()])
        private(set) var reads = 0

        func times(of appIDs: [Int64]) -> LastTimesPage {
            reads += 1
            return page
        }
    }

    private let times = Times()

    /// An app to which everything would be sent.
    private func directory() -> MemoryDirectory {
        var directory = MemoryDirectory()
        directory.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        directory.apps = [
            SentryApp(
                id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .published, uuid: "a",
                webhookURL: "https://example.com/", events: ["issue"], clientSecret: Secret("hush"))
        ]
        directory.installations = [installation(1)]
        directory.serviceHooks = [hook(1)]
        return directory
    }

    private func installation(_ id: Int64, status: Installation.Status = .installed) -> Installation {
        Installation(
            id: id, appID: 1, organizationID: id, uuid: "u-\(id)", status: status, dateAdded: Timestamp(seconds: 0))
    }

    private func hook(_ id: Int64, events: [String] = ["issue.resolved"], projects: [Int64] = []) -> ServiceHook {
        ServiceHook(id: id, installationID: id, organizationID: id, url: "", events: events, projectIDs: projects)
    }

    private func silence(
        _ directory: MemoryDirectory, row: Timestamp?, days: Int = 7, breaker: Bool = false,
        audience: DiagnosisAudience = .user(seesProjects: false)
    ) throws -> Silence? {
        var settings = DiagnosisSettings(silence: SilenceRule(days: days))
        if breaker {
            settings.policy.breaker = CircuitBreakerSettings()
            settings.policy.following.remove(.breaker)
        }
        let app = try #require(try directory.app(id: 1))
        let diagnosis = SilenceDiagnosis(app: app, settings: settings, rules: .default, audience: audience, now: now)
        let facts = try diagnosis.facts(
            newestRow: row, from: StateSources(breakers: breaker ? fleet : nil, lastTimes: times))
        return try facts.map { try diagnosis.silence($0, in: directory) }
    }

    private func causes(_ change: (inout MemoryDirectory) -> Void) throws -> [SilenceCause.Kind] {
        var directory = directory()
        change(&directory)
        return try #require(try silence(directory, row: last)).causes.map(\.kind)
    }

    // MARK: When

    @Test func anAppIsSilentExactlyWhenTheDaysHavePassed() throws {
        let week = now.adding(seconds: -7 * 86_400)

        #expect(try silence(directory(), row: week.adding(seconds: 1)) == nil)
        #expect(try silence(directory(), row: week)?.lastRequest == week)
        #expect(try silence(directory(), row: week)?.start == now)
        #expect(try silence(directory(), row: week, days: 8) == nil)
        #expect(try silence(directory(), row: week, days: 0) == nil)
    }

    @Test func anAppThatNeverHadAnAttemptIsNotSilent() throws {
        #expect(try silence(directory(), row: nil) == nil)
    }

    @Test func theNewerOfRowAndMemoryCounts() throws {
        times.page.apps = [.init(attempt: last)]
        #expect(try silence(directory(), row: nil)?.lastRequest == last)
        #expect(try silence(directory(), row: last.adding(seconds: -5))?.lastRequest == last)
        #expect(try silence(directory(), row: last.adding(seconds: 5))?.lastRequest == last.adding(seconds: 5))

        times.page.apps = [.init(attempt: now)]
        #expect(try silence(directory(), row: last) == nil)
    }

    /// A clock that is ahead by more than clocks differ says nothing; its rows would hide every silence.
    @Test(arguments: [(Silence.secondsAhead, true), (Silence.secondsAhead + 1, false), (86_400, false)])
    func aTimeFarAheadIsNoAttempt(seconds: Int64, counts: Bool) throws {
        let ahead = now.adding(seconds: seconds)

        times.page.apps = [.init(attempt: last)]
        #expect(try silence(directory(), row: ahead)?.lastRequest == (counts ? nil : last))
        times.page.apps = [.init(attempt: ahead)]
        #expect(try silence(directory(), row: last)?.lastRequest == (counts ? nil : last))
    }

    /// The newest row is not the only one that is looked at.
    @Test(arguments: [false, true]) func aRowFarAheadHidesNoOtherRow(isError: Bool) throws {
        let log = MemoryRequestLog()
        for (date, isError) in [(last, false), (now.adding(seconds: 86_400), isError)] {
            log.add(
                #"{"date":"\#(date.pythonDescription)","response_code":200,"webhook_url":"u"}"#, appID: 1,
                event: "issue.created", isError: isError)
        }
        let app = try #require(try directory().app(id: 1))
        let diagnosis = SilenceDiagnosis(
            app: app, settings: DiagnosisSettings(), rules: .default, audience: .operator, now: now)

        #expect(try diagnosis.facts(from: StateSources(lastTimes: times), log: log)?.lastRequest == last)
    }

    @Test func nothingIsReadWhenTheRowsShowThatTheAppIsNotSilent() throws {
        #expect(try silence(directory(), row: now) == nil)
        #expect(try silence(directory(), row: last, days: 0) == nil)
        #expect(times.reads == 0)
    }

    // MARK: Causes

    @Test func noCauseIsKnownOfAnAppThatWouldGetEvents() throws {
        let silence = try #require(try silence(directory(), row: last))

        #expect(silence.causes == [])
        #expect(silence.firstCause == "unknown")
        #expect(
            silence.diagnostic
                == .note(
                    "silence",
                    "nothing was sent since 2023-11-06T22:13:20Z: no cause is known: the rules would let an event "
                        + "through now"))
    }

    @Test func eachRuleThatStopsEveryEventIsACause() throws {
        #expect(try causes { $0.installations = [] } == [.missingInstallation])
        #expect(try causes { $0.installations = [installation(1, status: .pending)] } == [.missingInstallation])
        #expect(try causes { $0.serviceHooks = [] } == [.missingServiceHook])
        #expect(try causes { $0.serviceHooks = [hook(1, events: ["comment"])] } == [.notSubscribed])
        #expect(try causes { $0.apps[0].events = [] } == [.notSubscribed])
        // Each kind of cause is told once.
        #expect(
            try causes {
                $0.apps[0].events = []
                $0.serviceHooks = [hook(1, events: [])]
            } == [.notSubscribed])
        #expect(try causes { $0.apps[0].webhookURL = nil } == [.missingWebhookURL])
        #expect(try causes { $0.apps[0].clientSecret = Secret("") } == [.missingSecret])
        #expect(try causes { $0.serviceHooks.append(hook(1)) } == [.corruptDirectory])
        #expect(try causes { $0.apps[0].damagedSecrets = [.clientSecret] } == [.corruptDirectory])
        // Events of the hook's projects are sent.
        #expect(try causes { $0.serviceHooks = [hook(1, projects: [5])] } == [])
    }

    @Test func allCausesAreToldInTheOrderOfTheRules() throws {
        let causes = try causes { directory in
            directory.apps[0].disablement = SentryApp.Disablement(date: now, reason: "gone", events: ["issue"])
            directory.apps[0].events = []
            directory.apps[0].webhookURL = ""
            directory.serviceHooks = []
        }

        #expect(causes == [.disabled, .missingServiceHook, .missingWebhookURL])
    }

    @Test func anAppThatTheOriginalHasDisabledKeepsItsSubscriptions() throws {
        let causes = try causes { directory in
            directory.apps[0].disablement = SentryApp.Disablement(date: now, reason: "is_disabled", events: [])
        }

        #expect(causes == [.disabled])
    }

    @Test func aDisabledAppWithoutInstallationHasBothCauses() throws {
        var directory = directory()
        directory.installations = []
        directory.apps[0].disablement = SentryApp.Disablement(date: last, reason: "gone", events: ["issue"])

        let silence = try #require(try silence(directory, row: last))

        #expect(silence.causes.map(\.kind) == [.missingInstallation, .disabled])
        #expect(
            silence.causesText
                == "Radar is not installed anywhere; radar has been disabled since 2023-11-06T22:13:20Z: gone")
    }

    @Test func oneInstallationThatWouldGetEventsIsEnough() throws {
        let causes = try causes { directory in
            directory.installations = [installation(1), installation(2)]
            directory.serviceHooks = [hook(2)]
        }

        #expect(causes == [])
    }

    @Test func theInstallationThatIsNearestToGettingEventsIsTold() throws {
        let causes = try causes { directory in
            directory.installations = [installation(1, status: .pending), installation(2)]
            directory.serviceHooks = [hook(2, events: ["comment"])]
        }

        #expect(causes == [.notSubscribed])
    }

    @Test func ofAnAppWithManyInstallationsOnlyCausesThatConcernAllAreTold() throws {
        let many = (1...Int64(SilenceDiagnosis.installationLimit) + 1).map { installation($0) }

        let causes = try causes { directory in
            directory.installations = many
            directory.serviceHooks = []
            directory.apps[0].clientSecret = Secret("")
        }
        let few = try self.causes { directory in
            directory.installations = Array(many.dropLast())
            directory.serviceHooks = []
            directory.apps[0].clientSecret = Secret("")
        }

        #expect(causes == [.missingSecret])
        #expect(few == [.missingServiceHook, .missingSecret])
    }

    @Test func anAppWithoutSubscriptionsIsToldSoAndNotAboutOneEvent() throws {
        var directory = directory()
        directory.apps[0].events = []

        #expect(
            try silence(directory, row: last)?.causesText
                == "the app subscribes to no event of this deployment: it gets only what needs no subscription")
    }

    @Test func anOpenCircuitBreakerIsACause() throws {
        fleet.circuit = .open(until: now.seconds + 60)
        #expect(try silence(directory(), row: last, breaker: true)?.causes.map(\.kind) == [.breakerOpen])
        fleet.circuit = .recovering(until: now.seconds + 60)
        #expect(try silence(directory(), row: last, breaker: true)?.causes == [])
        fleet.failure = .timedOut(server: "s", milliseconds: 5)
        #expect(try silence(directory(), row: last, breaker: true)?.causes == [])
    }

    @Test func thatNoEventWasAcceptedIsToldAsFarBackAsItIsKnown() throws {
        times.page.observedSince = last.adding(seconds: -60)
        #expect(
            try silence(directory(), row: last)?.causes == [
                SilenceCause(
                    .noEventAccepted, "no event for the app has been accepted since 2023-11-06T22:13:20Z")
            ])

        times.page.observedSince = last.adding(seconds: 3600)
        #expect(try silence(directory(), row: last)?.causesText.contains("since 2023-11-06T23:13:20Z") == true)

        // One from before the last attempt is none since then.
        times.page.apps = [.init(unsent: last.adding(seconds: -1))]
        #expect(try silence(directory(), row: last)?.causes.map(\.kind) == [.noEventAccepted])

        times.page.apps = [.init(unsent: last.adding(seconds: 60))]
        let silence = try silence(directory(), row: last)
        #expect(silence?.causes == [])
        #expect(silence?.lastUnsentEvent == last.adding(seconds: 60))
        #expect(
            silence?.diagnostic.text.hasSuffix(
                ". The last event that was accepted and not sent: 2023-11-06T22:14:20Z") == true)
    }
}
