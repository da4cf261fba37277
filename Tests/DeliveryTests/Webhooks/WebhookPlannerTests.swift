import Buffer
import Directory
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// Which events become webhooks.
@Suite
struct WebhookPlannerTests {
    private func dropReason(_ fixture: WebhookFixture, _ name: String = "issue.created", project: Int64? = nil) throws
        -> DropReason?
    {
        guard case .drop(let event) = try fixture.plan(fixture.event(name, project: project)) else { return nil }
        return event.reason
    }

    private func isSent(_ fixture: WebhookFixture, _ name: String = "issue.created", project: Int64? = nil) throws
        -> Bool
    {
        guard case .send = try fixture.plan(fixture.event(name, project: project)) else { return false }
        return true
    }

    private func refusal(_ plan: DeliveryPlan) -> String? {
        if case .refuse(let reason) = plan { reason } else { nil }
    }

    @Test func anEventThatAppAndHookSubscribeToIsSentToTheAppsURLNotToTheHooks() throws {
        let fixture = WebhookFixture()

        let webhook = try fixture.webhook()

        #expect(webhook.url == "https://app.example.com/hook")
        #expect(webhook.event == "issue.created")
        #expect(webhook.app == fixture.app)
        #expect(webhook.installation == fixture.installation)
        #expect(webhook.originalID == nil)
    }

    @Test func nothingIsSentToAnInstallationThatIsMissingDeletedOrStillPending() throws {
        var deleted = WebhookFixture()
        deleted.installation.dateDeleted = WebhookFixture.now
        var pending = WebhookFixture()
        pending.installation.status = .pending
        var other = WebhookFixture()
        let event = try other.event()
        other.installation.uuid = "00000000-0000-0000-0000-000000000000"

        #expect(try dropReason(deleted) == .missingInstallation)
        #expect(try dropReason(pending) == .missingInstallation)
        guard case .drop(let dropped) = try other.plan(event) else { throw TestSupportError("it is sent") }
        #expect(dropped == DroppedEvent(reason: .missingInstallation, installationUUID: WebhookFixture.uuid))
    }

    @Test func aDeletedInstallationGetsOnlyTheEventOfItsDeletion() throws {
        var fixture = WebhookFixture()
        fixture.installation.dateDeleted = WebhookFixture.now
        var pending = fixture
        pending.installation.status = .pending

        #expect(try isSent(fixture, "installation.deleted"))
        #expect(try isSent(pending, "installation.deleted"))
        #expect(try isSent(WebhookFixture(), "installation.deleted"))
        #expect(try dropReason(fixture, "installation.created") == .missingInstallation)
        #expect(try dropReason(fixture, "event_alert.triggered") == .missingInstallation)
    }

    @Test func aPendingInstallationGetsEventsAboutItself() throws {
        var fixture = WebhookFixture()
        fixture.installation.status = .pending

        #expect(try isSent(fixture, "installation.created"))
        #expect(try dropReason(fixture, "event_alert.triggered") == .missingInstallation)
    }

    @Test func nothingIsSentForAnAppThatIsGoneDisabledOrHasNoURL() throws {
        var gone = WebhookFixture()
        gone.app.dateDeleted = WebhookFixture.now
        var disabled = WebhookFixture()
        disabled.app.disablement = SentryApp.Disablement(
            date: WebhookFixture.now, reason: "timeouts", events: ["issue.created"])
        var mute = WebhookFixture()
        mute.app.webhookURL = nil
        var empty = WebhookFixture()
        empty.app.webhookURL = ""

        #expect(try dropReason(gone) == .missingApp)
        #expect(try dropReason(disabled) == .disabled)
        #expect(try dropReason(disabled, "installation.created") == .disabled)
        #expect(try dropReason(mute) == .missingWebhookURL)
        #expect(try dropReason(empty) == .missingWebhookURL)
    }

    @Test func whatWasWaitingWhenAnAppWasDisabledBecomesADeadLetterAndWhatArrivesLaterIsDropped() throws {
        var fixture = WebhookFixture()
        fixture.app.disablement = SentryApp.Disablement(
            date: WebhookFixture.now, reason: "r", events: ["issue.created"])
        var first = try fixture.entry(fixture.event())
        first.enqueuedAt = WebhookFixture.now.adding(seconds: -1)
        var retry = try fixture.entry(fixture.event(), attempt: 3)
        retry.enqueuedAt = WebhookFixture.now.adding(seconds: -600)
        var later = first
        later.enqueuedAt = WebhookFixture.now

        #expect(try refusal(fixture.planner.plan(first, now: WebhookFixture.now)) == "app disabled")
        #expect(try refusal(fixture.planner.plan(retry, now: WebhookFixture.now)) == "app disabled")
        guard case .drop(let dropped) = try fixture.planner.plan(later, now: WebhookFixture.now) else {
            throw TestSupportError("it is not dropped")
        }
        #expect(dropped.reason == .disabled)
    }

    @Test func nothingIsSignedWithAnEmptyKey() throws {
        var fixture = WebhookFixture()
        fixture.app.clientSecret = Secret("")

        #expect(try dropReason(fixture) == .missingSecret)
        #expect(try dropReason(fixture, "installation.created") == .missingSecret)
    }

    @Test func aSecretWithoutAKeyForStandardWebhooksLeavesItsHeadersOut() throws {
        var fixture = WebhookFixture()
        fixture.app.clientSecret = Secret("whsec_QR==")

        guard case .send(let webhook) = try fixture.plan(fixture.event()) else { throw TestSupportError("not sent") }

        #expect(webhook.headers.contains { $0.name == "Sentry-Hook-Signature" })
        #expect(!webhook.headers.contains { $0.name.hasPrefix("webhook-") })
    }

    @Test func anInstallationWithoutAHookOfItsOwnOrganizationGetsNothing() throws {
        var none = WebhookFixture()
        none.hooks = []
        var foreign = WebhookFixture()
        foreign.hooks[0].organizationID = 6

        #expect(try dropReason(none) == .missingServiceHook)
        #expect(try dropReason(foreign) == .missingServiceHook)
        guard case .drop(let dropped) = try none.plan(none.event()) else { throw TestSupportError("it is sent") }
        #expect(
            dropped
                == DroppedEvent(
                    reason: .missingServiceHook, installationUUID: WebhookFixture.uuid, installationID: 7,
                    appSlug: "tracker"))
    }

    @Test(arguments: [
        (["issue.created"], ["issue.created"], true), (["issue"], ["issue"], true),
        (["issue"], ["error", "issue.created"], true), (["issue.resolved"], ["issue"], false),
        (["issue"], ["issue.resolved"], false), ([], ["issue"], false), (["issue"], [], false),
        (["issue.create"], ["issue"], false), (["issue."], ["issue"], false), (["iss"], ["issue"], false),
        (["error", "comment"], ["issue"], false), (["Issue"], ["issue"], false),
    ])
    func appAndHookMustBothSubscribeToTheEventOrToItsResource(app: [String], hook: [String], isWanted: Bool) throws {
        var fixture = WebhookFixture(events: app)
        fixture.hooks[0].events = hook

        #expect(try isSent(fixture) == isWanted)
        #expect(try dropReason(fixture) == (isWanted ? nil : .notSubscribed))
    }

    @Test func eventsWithoutSubscriptionNeedNeitherSubscriptionNorHook() throws {
        var fixture = WebhookFixture(events: [])
        fixture.hooks = []

        for event in EventCatalogue.version23Dot7.events where !event.needsSubscription {
            #expect(try isSent(fixture, event.rawValue), "\(event.rawValue)")
        }
    }

    @Test(
        arguments: [
            ([], nil, true), ([], 9, true), ([8, 9], 9, true), ([8], 9, false), ([8], nil, false),
        ] as [([Int64], Int64?, Bool)])
    func d8AHookLimitedToProjectsGetsTheirEventsOnly(limits: [Int64], project: Int64?, isWanted: Bool) throws {
        var fixture = WebhookFixture()
        fixture.hooks[0].projectIDs = limits

        #expect(try isSent(fixture, project: project) == isWanted)
        #expect(try dropReason(fixture, project: project) == (isWanted ? nil : .projectNotListed))
    }

    @Test func whatCannotBeReadIsRefusedAndSaysWhy() throws {
        let fixture = WebhookFixture()
        let event = try fixture.event()
        var broken = fixture.entry(event)
        broken.payload = Array("{}".utf8)
        var other = fixture.entry(event)
        other.event = "issue.resolved"

        let reasons = [
            refusal(try fixture.planner.plan(broken, now: WebhookFixture.now)),
            refusal(try fixture.planner.plan(other, now: WebhookFixture.now)),
            refusal(try fixture.plan(fixture.event("issue.unresolved"))),
            refusal(try fixture.plan(fixture.event("issue.created.twice"))),
        ]

        #expect(
            reasons == [
                "the entry's payload is not a valid event",
                "the entry is for issue.resolved, but its payload for issue.created",
                "issue.unresolved is not enabled in this deployment (HOOKLINE_EVENTS)",
                "the entry's payload is not a valid event",
            ])
    }

    @Test func twoHooksForOneInstallationAreRefusedAskingAgainWouldNotHelp() throws {
        var fixture = WebhookFixture()
        fixture.hooks.append(fixture.hooks[0])

        let reason = refusal(try fixture.plan(fixture.event()))

        #expect(reason == "the directory's table service_hooks has an invalid row: installation 7 has 2 hooks")
    }

    @Test func anUnavailableDirectoryIsAnError() throws {
        var fixture = WebhookFixture()
        let failure = DirectoryError.unavailable(location: "sqlite:/nowhere", reason: "no such file")
        fixture.failure = failure

        #expect(throws: failure) { try fixture.planner.plan(fixture.entry(fixture.event()), now: WebhookFixture.now) }
        #expect(throws: failure) {
            try fixture.planner.explain(fixture.entry(fixture.event()), now: WebhookFixture.now)
        }
    }

    @Test(arguments: [
        (nil, 40_000), (1, 500), (500, 500), (1234, 1234), (30_000, 30_000), (900_000, 30_000), (-5, 500),
    ])
    func anAppsOwnTimeOutCountsWithinTheBoundsTheDeploymentsAsItIs(own: Int?, milliseconds: Int) throws {
        var fixture = WebhookFixture()
        fixture.settings.timeout = .seconds(40)
        fixture.app.webhookTimeoutMilliseconds = own

        #expect(try fixture.webhook().timeout == .milliseconds(milliseconds))
    }
}
