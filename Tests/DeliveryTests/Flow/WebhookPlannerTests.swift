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
    private func dropReason(_ world: FlowWorld, _ name: String = "issue.created", project: Int64? = nil) throws
        -> DropReason?
    {
        guard case .drop(let event) = try world.plan(world.event(name, project: project)) else { return nil }
        return event.reason
    }

    private func isSent(_ world: FlowWorld, _ name: String = "issue.created", project: Int64? = nil) throws -> Bool {
        guard case .send = try world.plan(world.event(name, project: project)) else { return false }
        return true
    }

    private func refusal(_ plan: DeliveryPlan) -> String? {
        if case .refuse(let reason) = plan { reason } else { nil }
    }

    @Test func anEventThatAppAndHookSubscribeToIsSentToTheAppsURLNotToTheHooks() throws {
        let world = FlowWorld()

        let webhook = try world.webhook()

        #expect(webhook.url == "https://app.example.com/hook")
        #expect(webhook.event == "issue.created")
        #expect(webhook.app == world.app)
        #expect(webhook.installation == world.installation)
        #expect(webhook.originalID == nil)
    }

    @Test func nothingIsSentToAnInstallationThatIsMissingDeletedOrStillPending() throws {
        var deleted = FlowWorld()
        deleted.installation.dateDeleted = FlowWorld.now
        var pending = FlowWorld()
        pending.installation.status = .pending
        var other = FlowWorld()
        let event = try other.event()
        other.installation.uuid = "00000000-0000-0000-0000-000000000000"

        #expect(try dropReason(deleted) == .missingInstallation)
        #expect(try dropReason(pending) == .missingInstallation)
        guard case .drop(let dropped) = try other.plan(event) else { throw TestSupportError("it is sent") }
        #expect(dropped == DroppedEvent(reason: .missingInstallation, installationUUID: FlowWorld.uuid))
    }

    @Test func anAppIsToldThatItsInstallationWasDeletedAndOfADeletedOneNothingElse() throws {
        var world = FlowWorld()
        world.installation.dateDeleted = FlowWorld.now
        var pending = world
        pending.installation.status = .pending

        #expect(try isSent(world, "installation.deleted"))
        #expect(try isSent(pending, "installation.deleted"))
        #expect(try isSent(FlowWorld(), "installation.deleted"))
        #expect(try dropReason(world, "installation.created") == .missingInstallation)
        #expect(try dropReason(world, "event_alert.triggered") == .missingInstallation)
    }

    @Test func anAppIsToldOfItsOwnInstallationWhileThatIsPending() throws {
        var world = FlowWorld()
        world.installation.status = .pending

        #expect(try isSent(world, "installation.created"))
        #expect(try dropReason(world, "event_alert.triggered") == .missingInstallation)
    }

    @Test func nothingIsSentForAnAppThatIsGoneDisabledOrHasNoURL() throws {
        var gone = FlowWorld()
        gone.app.dateDeleted = FlowWorld.now
        var disabled = FlowWorld()
        disabled.app.disablement = SentryApp.Disablement(
            date: FlowWorld.now, reason: "timeouts", events: ["issue.created"])
        var mute = FlowWorld()
        mute.app.webhookURL = nil
        var empty = FlowWorld()
        empty.app.webhookURL = ""

        #expect(try dropReason(gone) == .missingApp)
        #expect(try dropReason(disabled) == .disabled)
        #expect(try dropReason(disabled, "installation.created") == .disabled)
        #expect(try dropReason(mute) == .missingWebhookURL)
        #expect(try dropReason(empty) == .missingWebhookURL)
    }

    @Test func anInstallationWithoutAHookOfItsOwnOrganizationGetsNothing() throws {
        var none = FlowWorld()
        none.hooks = []
        var foreign = FlowWorld()
        foreign.hooks[0].organizationID = 6

        #expect(try dropReason(none) == .missingServiceHook)
        #expect(try dropReason(foreign) == .missingServiceHook)
        guard case .drop(let dropped) = try none.plan(none.event()) else { throw TestSupportError("it is sent") }
        #expect(
            dropped
                == DroppedEvent(
                    reason: .missingServiceHook, installationUUID: FlowWorld.uuid, installationID: 7,
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
        var world = FlowWorld(events: app)
        world.hooks[0].events = hook

        #expect(try isSent(world) == isWanted)
        #expect(try dropReason(world) == (isWanted ? nil : .notSubscribed))
    }

    @Test func eventsThatNobodyCanSubscribeToNeedNeitherSubscriptionNorHook() throws {
        var world = FlowWorld(events: [])
        world.hooks = []

        for event in EventCatalogue.version23Dot7.events where !event.needsSubscription {
            #expect(try isSent(world, event.rawValue), "\(event.rawValue)")
        }
    }

    @Test(
        arguments: [
            ([], nil, true), ([], 9, true), ([8, 9], 9, true), ([8], 9, false), ([8], nil, false),
        ] as [([Int64], Int64?, Bool)])
    func d8AHookLimitedToProjectsGetsTheirEventsOnly(limits: [Int64], project: Int64?, isWanted: Bool) throws {
        var world = FlowWorld()
        world.hooks[0].projectIDs = limits

        #expect(try isSent(world, project: project) == isWanted)
        #expect(try dropReason(world, project: project) == (isWanted ? nil : .projectNotListed))
    }

    @Test func whatCannotBeReadIsRefusedAndSaysWhy() throws {
        let world = FlowWorld()
        let event = try world.event()
        var broken = world.entry(event)
        broken.payload = Array("{}".utf8)
        var other = world.entry(event)
        other.event = "issue.resolved"

        let reasons = [
            refusal(try world.planner.plan(broken, now: FlowWorld.now)),
            refusal(try world.planner.plan(other, now: FlowWorld.now)),
            refusal(try world.plan(world.event("issue.unresolved"))),
            refusal(try world.plan(world.event("issue.created.twice"))),
        ]

        #expect(
            reasons == [
                "the entry's payload is not an event's",
                "the entry is for issue.resolved, its payload for issue.created",
                "issue.unresolved is not among the events of this deployment (HOOKLINE_EVENTS)",
                "the entry's payload is not an event's",
            ])
    }

    @Test func twoHooksForOneInstallationAreRefusedAskingAgainWouldNotHelp() throws {
        var world = FlowWorld()
        world.hooks.append(world.hooks[0])

        let reason = refusal(try world.plan(world.event()))

        #expect(reason == "the directory's table service_hooks has an invalid row: installation 7 has 2 hooks")
    }

    @Test func aDirectoryOutOfReachIsNoAnswer() throws {
        var world = FlowWorld()
        let failure = DirectoryError.unavailable(location: "sqlite:/nowhere", reason: "no such file")
        world.failure = failure

        #expect(throws: failure) { try world.planner.plan(world.entry(world.event()), now: FlowWorld.now) }
        #expect(throws: failure) { try world.planner.explain(world.entry(world.event()), now: FlowWorld.now) }
    }

    @Test(arguments: [
        (nil, 40_000), (1, 500), (500, 500), (1234, 1234), (30_000, 30_000), (900_000, 30_000), (-5, 500),
    ])
    func anAppsOwnTimeOutCountsWithinTheBoundsTheDeploymentsAsItIs(own: Int?, milliseconds: Int) throws {
        var world = FlowWorld()
        world.settings.timeout = .seconds(40)
        world.app.webhookTimeoutMilliseconds = own

        #expect(try world.webhook().timeout == .milliseconds(milliseconds))
    }
}
