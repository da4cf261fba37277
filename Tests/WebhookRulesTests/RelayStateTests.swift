import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// What is told of a relay: whether the original is silent, or a receiver fails.
@Suite struct RelayStateTests {
    private let now = Timestamp(seconds: 1_700_000_000)
    private let states = MemoryRelayTargets()
    private var app = SentryApp(
        id: 7, slug: "radar", name: "Radar", ownerID: 1, status: .internal, uuid: "u", clientSecret: Secret("s"))
    private let targets = RelayTargets([
        RelayTarget(name: "ci", url: "https://ci.test/"),
        RelayTarget(name: "errors", url: "https://e.test/", events: ["error"]),
    ])

    private func state(_ fleet: MemoryFleet = MemoryFleet(), _ targets: RelayTargets? = nil) throws -> RelayState {
        try RelayState(
            of: app, targets ?? self.targets, policies: DeliveryPolicies(.standard), rules: .default, states: states,
            windows: fleet, breakers: nil, now: now)
    }

    private func diagnostics(
        _ event: EventType? = "issue.created", _ targets: RelayTargets? = nil, audience: DiagnosisAudience = .operator
    ) throws -> [Diagnostic] {
        try state(MemoryFleet(), targets).diagnostics(of: event, app: app, audience: audience)
    }

    @Test func aSilentOriginalIsToldFromTargets() throws {
        let never = try diagnostics()
        try states.noteReceived(appID: 7, at: now)
        let later = try diagnostics()

        #expect(never.first?.text.contains("/relay/radar/") == true)
        #expect(later.first?.text == "the original has sent the last webhook at 2023-11-14T22:13:20Z")
        #expect(later.map(\.step) == ["relay", "target ci", "target errors"])
        #expect(later.map(\.result) == [.note, .ok, .note])
        #expect(later[2].text == "gets no issue.created, only error")
        #expect(later.allowDelivery)
    }

    @Test func anEventThatNoTargetGetsIsAProblem() throws {
        let found = try diagnostics("issue.created", RelayTargets([targets.list[1]]))

        #expect(found.problems.map(\.text) == ["no target gets issue.created: see the filters of the targets"])
        #expect(try !diagnostics("issue.created", RelayTargets([])).allowDelivery)
    }

    @Test func disabledTargetsAreAProblemOnlyIfNoneIsLeft() throws {
        let disabling = TargetDisabling(date: now, reason: "responded with 410 Gone")
        states.disabled[WebhookDestination(appID: 7, target: "ci")] = disabling

        let forErrors = try diagnostics("error.created")
        let forIssues = try diagnostics("issue.created")
        states.disabled[WebhookDestination(appID: 7, target: "errors")] = disabling
        let all = try diagnostics("error.created", audience: .user(seesProjects: false))

        #expect(forErrors.allowDelivery)
        #expect(forIssues.problems.map(\.step) == ["target ci"])
        #expect(forIssues.problems.first?.text.contains("'hookline relay enable radar ci'") == true)
        #expect(!all.allowDelivery && !all.contains { $0.text.contains("hookline relay") })
        #expect(try state().targets.map(\.condition) == [.disabled, .disabled])
    }

    @Test func failuresOfATargetAreNamed() throws {
        let fleet = MemoryFleet()
        fleet.failureWindow = FailureWindow(
            failures: .init(first: now, last: now.adding(seconds: 60), eventCount: 2, dayCount: 1))

        let state = try state(fleet)

        #expect(state.targets.map(\.condition) == [.failing, .failing])
        let found = state.diagnostics(of: nil, app: app, audience: .operator)
        #expect(found[1].text.contains("every webhook has failed since 2023-11-14T22:13:20Z"))
        #expect(found.allowDelivery)
    }
}
