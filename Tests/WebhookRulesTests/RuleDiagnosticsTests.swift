import Buffer
import Directory
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

@Suite struct RuleDiagnosticsTests {
    private let directory = MemoryDirectory()
    private let now = Timestamp(seconds: 1_700_000_000)
    private let organization = Organization(id: 1, slug: "acme", name: "Acme")
    private let installation = Installation(
        id: 1, appID: 1, organizationID: 1, uuid: "u", dateAdded: Timestamp(seconds: 0))

    /// An app that is disabled, with subscriptions from before and a hook.
    private func diagnostics(
        before events: [String], hook: [String], projects: [Int64] = [], audience: DiagnosisAudience = .operator,
        url: String = "https://example.com/", secret: String = "hush"
    ) throws -> (diagnostics: [Diagnostic], webhook: PlannedWebhook?) {
        var app = SentryApp(
            id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .internal, uuid: "a",
            webhookURL: url, clientSecret: Secret(secret))
        app.disablement = SentryApp.Disablement(date: now, reason: "1000 timeouts on one day", events: events)
        // Copies share their rows.
        var directory = directory
        directory.organizations = [organization]
        directory.apps = [app]
        directory.installations = [installation]
        directory.serviceHooks = [
            ServiceHook(id: 1, installationID: 1, organizationID: 1, url: "", events: hook, projectIDs: projects)
        ]
        let target = DiagnosisTarget(
            app: app, installation: installation, organization: organization, owner: organization)
        let event = QueuedEvent(event: "issue.created", installationUUID: "u", data: .object([]))
        let plan = try RuleDiagnostics(
            of: event, to: target, directory: directory, settings: PlanSettings(), audience: audience, now: now)
        return (plan.diagnostics, plan.webhook)
    }

    @Test func aDisabledAppIsReportedWithDateReasonAndFixAndItsSubscriptionsStillCount() throws {
        let (diagnostics, webhook) = try diagnostics(before: ["issue"], hook: ["issue.created"])

        let problems = diagnostics.filter { $0.result == .problem }
        #expect(problems.map(\.step) == ["enabled"])
        #expect(
            problems[0].text
                == "radar has been disabled since 2023-11-14T22:13:20Z: 1000 timeouts on one day. It subscribed to "
                + "issue. Fix its receiver, then run 'hookline app enable radar'")
        #expect(diagnostics.first { $0.step == "app's events" }?.result == .ok)
        #expect(webhook?.url == "https://example.com/")
    }

    @Test(arguments: [
        ("https://example.com/", Diagnostic.Result.ok), ("HTTP://example.com:8080/a?b#c", .ok),
        ("https://[::1]/", .ok),
        ("ftp://example.com/", .problem), ("https://", .problem), ("https:///in", .problem),
        ("example.com", .problem),
        ("https://example.com/a b", .ok), ("https://a b.example/", .problem), ("https://example.com/\n", .problem),
        ("https://1.2.3.4.5/", .problem), ("https://example.com:0/", .problem),
    ])
    func aUserIsShownThatAURLIsInvalid(_ url: String, expected: Diagnostic.Result) throws {
        let user = DiagnosisAudience.user(seesProjects: true)
        let (diagnostics, _) = try diagnostics(before: ["issue"], hook: ["issue"], audience: user, url: url)

        #expect(diagnostics.first { $0.step == "webhook URL" }?.result == expected)
    }

    @Test(
        arguments: [
            ("hush", .ok, "the app has a client secret"), ("", .problem, "signed with an empty key could be forged"),
            ("whsec_QR==", .note, "must be Base64 after whsec_"), (" hush", .note, "no white space at its ends"),
        ] as [(String, Diagnostic.Result, String)])
    func aClientSecretThatDoesNotFitTheRuleIsNamed(secret: String, result: Diagnostic.Result, text: String) throws {
        let (diagnostics, _) = try diagnostics(before: ["issue"], hook: ["issue"], secret: secret)

        let diagnostic = try #require(diagnostics.first { $0.step == "client secret" })
        #expect(diagnostic.result == result)
        #expect(diagnostic.text.contains(text))
        #expect(secret.isEmpty || !diagnostic.text.contains(secret))
    }

    @Test func everyProblemOfADisabledAppIsReportedOnceAndInOrder() throws {
        let (diagnostics, _) = try diagnostics(before: [], hook: ["comment.created"])

        #expect(
            diagnostics.map(\.step) == [
                "event", "installation", "app", "enabled", "service hook", "app's events", "hook's events", "projects",
                "webhook URL", "client secret", "request",
            ])
        #expect(
            diagnostics.filter { $0.result == .problem }.map(\.step) == ["enabled", "app's events", "hook's events"])
    }

    @Test func usersAreShownWhatTheyCanDoButNoCommandsAndNoForeignProjects() throws {
        func problems(_ audience: DiagnosisAudience) throws -> [String] {
            try diagnostics(before: ["issue"], hook: ["issue.created"], projects: [6, 7], audience: audience)
                .diagnostics
                .problems.map(\.text)
        }

        let member = try problems(.user(seesProjects: true))
        let other = try problems(.user(seesProjects: false))

        #expect(member.count == 2 && other.count == 2)
        #expect(member[0].hasSuffix("Fix its receiver, then enable the app again"))
        #expect(
            member[1] == "the hook is limited to the projects 6, 7, and the event's project is none: name one of them")
        #expect(other[0] == member[0])
        #expect(!other[1].contains("6") && !other[1].contains("7"))
        #expect(try problems(.operator)[1].hasSuffix("none: name one with --project"))
    }

    @Test func theDryRunChangesNothingInTheDirectory() throws {
        _ = try diagnostics(before: ["issue"], hook: [])

        #expect(try directory.app(id: 1)?.disablement != nil)
        #expect(try directory.app(id: 1)?.events == [])
        #expect(try directory.serviceHook(installationID: 1, organizationID: 1)?.events == [])
    }

    @Test func anUnavailableDirectoryIsAnError() throws {
        var directory = directory
        directory.failure = .unavailable(location: "x", reason: "gone")

        #expect(throws: DirectoryError.self) {
            _ = try RuleDiagnostics(
                of: QueuedEvent(event: "issue.created", installationUUID: "u", data: .object([])),
                to: DiagnosisTarget(
                    app: SentryApp(
                        id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .internal, uuid: "a"),
                    installation: nil, organization: nil, owner: nil),
                directory: directory, settings: PlanSettings(), audience: .operator, now: now)
        }
    }
}

/// What the platform's own mark of a disabled app means.
@Suite struct PlatformDisablingDiagnosticsTests {
    private func enabled(isEnforced: Bool, event: String = "issue.created") throws -> Diagnostic {
        let installation = Installation(
            id: 1, appID: 1, organizationID: 1, uuid: "u", dateAdded: Timestamp(seconds: 0))
        let organization = Organization(id: 1, slug: "acme", name: "Acme")
        var app = SentryApp(
            id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .published, uuid: "a",
            webhookURL: "https://example.com/", events: ["issue"], clientSecret: Secret("hush"))
        app.isDisabledByPlatform = true
        var directory = MemoryDirectory()
        directory.organizations = [organization]
        directory.apps = [app]
        directory.installations = [installation]
        directory.serviceHooks = [
            ServiceHook(id: 1, installationID: 1, organizationID: 1, url: "", events: ["issue"])
        ]
        let rules = try RuleDiagnostics(
            of: QueuedEvent(event: event, installationUUID: "u", data: .object([])),
            to: DiagnosisTarget(app: app, installation: installation, organization: organization, owner: organization),
            directory: directory, settings: PlanSettings(enforcesDisabling: isEnforced), audience: .operator,
            now: Timestamp(seconds: 1_700_000_000))
        #expect(rules.webhook != nil)
        return try #require(rules.diagnostics.first { $0.step == "enabled" })
    }

    @Test func whetherItCountsIsSaid() throws {
        let ignored = try enabled(isEnforced: false)
        let enforced = try enabled(isEnforced: true)
        let excepted = try enabled(isEnforced: true, event: "installation.created")

        #expect(ignored.result == .note)
        #expect(ignored.text.contains("changes nothing while HOOKLINE_DISABLED_ENFORCEMENT is off"))
        #expect(enforced.result == .problem)
        #expect(enforced.text.contains("it gets only events about its installation"))
        #expect(excepted.result == .note)
        #expect(excepted.text.contains("sent nevertheless"))
    }
}
