import Buffer
import Directory
import Model
import TestSupport
import Testing
import WebhookRules

/// Telling why an event is sent or not.
@Suite
struct RuleExplanationTests {
    private func explain(_ fixture: WebhookFixture, _ name: String = "issue.created") throws -> RuleExplanation {
        try fixture.planner.explain(fixture.event(name), requestID: WebhookFixture.requestID, now: WebhookFixture.now)
    }

    @Test func anEventThatIsSentPassesEveryStepInOrder() throws {
        let explanation = try explain(WebhookFixture())

        #expect(explanation.steps.map(\.name) == RuleStep.Name.allCases.filter { $0 != .relayTarget })
        #expect(explanation.steps.allSatisfy { $0.result == .passed })
        guard case .send = explanation.plan else { throw TestSupportError("it is not sent") }
    }

    @Test func anEventThatNeedsNoSubscriptionIsNotAskedForOne() throws {
        let explanation = try explain(WebhookFixture(), "installation.created")

        #expect(
            explanation.steps.map(\.name) == [
                .event, .installation, .app, .enabled, .webhookURL, .clientSecret, .request,
            ])
    }

    @Test func theStepThatEndsTheFlowIsTheLastOneAndHoldsTheFacts() throws {
        var fixture = WebhookFixture()
        fixture.hooks[0].projectIDs = [8, 9]

        let explanation = try explain(fixture)

        #expect(
            explanation.steps.last
                == RuleStep(
                    name: .projects, result: .stops(.projectNotListed),
                    facts: [.init("limited to", "8, 9"), .init("project", "none")]))
        #expect(explanation.steps.dropLast().allSatisfy { $0.result == .passed })
        guard case .drop(let event) = explanation.plan else { throw TestSupportError("it is not dropped") }
        #expect(event.reason == .projectNotListed)
    }

    @Test func thatAPreviousSecretSignsIsExplainedWithoutIt() throws {
        var fixture = WebhookFixture()
        fixture.app.previousSecrets = [
            .init(secret: Secret("old"), validUntil: Timestamp(seconds: 1_700_000_060)),
            .init(secret: Secret("older"), validUntil: WebhookFixture.now),
        ]

        let step = try explain(fixture).steps.first { $0.name == .clientSecret }

        #expect(step?.facts == [.init("previous until", "2023-11-14T22:14:20Z")])
    }

    @Test func everyReasonToDropAnEventIsExplained() throws {
        var fixtures = Array(repeating: WebhookFixture(), count: 8)
        fixtures[0].installation.status = .pending
        fixtures[1].app.dateDeleted = WebhookFixture.now
        fixtures[2].app.disablement = .init(date: WebhookFixture.now, reason: "410", events: ["issue"])
        fixtures[3].hooks = []
        fixtures[4].app.events = []
        fixtures[5].hooks[0].projectIDs = [1]
        fixtures[6].app.webhookURL = nil
        fixtures[7].app.clientSecret = Secret("")

        let results = try fixtures.map { try explain($0).steps.last?.result }

        #expect(results == DropReason.allCases.map { .stops($0) })
    }

    @Test func anInconsistentDirectoryIsExplained() throws {
        var fixture = WebhookFixture()
        let unknown = try explain(fixture, "issue.unknown")
        fixture.hooks.append(fixture.hooks[0])
        let corrupt = try explain(fixture)

        #expect(unknown.steps.map(\.name) == [.event])
        #expect(corrupt.steps.last?.name == .serviceHook)
        guard case .refuses(let reason) = corrupt.steps.last?.result else { throw TestSupportError("not refused") }
        #expect(reason.contains("service_hooks"))
    }

    @Test func theFactsHoldNoSecretAndNoHeaderValueOfTheOwners() throws {
        var fixture = WebhookFixture()
        fixture.app.customHeaders = [.init(name: "Authorization", value: Secret("Bearer hidden"))]

        let steps = try explain(fixture).steps

        let text = "\(steps)"
        #expect(text.contains("Authorization"))
        #expect(!text.contains("hidden"))
        #expect(!text.contains(fixture.app.clientSecret.exposed))
    }

    @Test func explainingAndPlanningMakeTheSameWebhook() throws {
        let fixture = WebhookFixture()
        let entry = fixture.entry(try fixture.event())
        guard case .send(let told) = try fixture.planner.explain(entry, now: WebhookFixture.now).plan,
            case .send(let planned) = try fixture.planner.plan(entry, now: WebhookFixture.now)
        else { throw TestSupportError("it is not sent") }

        #expect(told.body == planned.body)
        #expect(told.headers.map { "\($0.name): \($0.value)" } == planned.headers.map { "\($0.name): \($0.value)" })
    }
}
