import Buffer
import Directory
import Model
import TestSupport
import Testing
import WebhookRules

/// Telling why an event is sent or not.
@Suite
struct PlanExplanationTests {
    private func explain(_ world: FlowWorld, _ name: String = "issue.created") throws -> RuleExplanation {
        try world.planner.explain(world.event(name), requestID: FlowWorld.requestID, now: FlowWorld.now)
    }

    @Test func anEventThatIsSentPassesEveryStepInOrder() throws {
        let explanation = try explain(FlowWorld())

        #expect(explanation.steps.map(\.name) == PlanStep.Name.allCases)
        #expect(explanation.steps.allSatisfy { $0.result == .passed })
        guard case .send = explanation.plan else { throw TestSupportError("it is not sent") }
    }

    @Test func anEventThatNeedsNoSubscriptionIsNotAskedForOne() throws {
        let explanation = try explain(FlowWorld(), "installation.created")

        #expect(
            explanation.steps.map(\.name) == [.event, .installation, .app, .enabled, .webhookURL, .request])
    }

    @Test func theStepThatEndsTheFlowIsTheLastOneAndHoldsTheFacts() throws {
        var world = FlowWorld()
        world.hooks[0].projectIDs = [8, 9]

        let explanation = try explain(world)

        #expect(
            explanation.steps.last
                == PlanStep(
                    name: .projects, result: .stops(.projectNotListed),
                    facts: [.init("limited to", "8, 9"), .init("project", "none")]))
        #expect(explanation.steps.dropLast().allSatisfy { $0.result == .passed })
        guard case .drop(let event) = explanation.plan else { throw TestSupportError("it is not dropped") }
        #expect(event.reason == .projectNotListed)
    }

    @Test func everyReasonToSendNothingCanBeTold() throws {
        var worlds = Array(repeating: FlowWorld(), count: 7)
        worlds[0].installation.status = .pending
        worlds[1].app.dateDeleted = FlowWorld.now
        worlds[2].app.disablement = .init(date: FlowWorld.now, reason: "410", events: ["issue"])
        worlds[3].hooks = []
        worlds[4].app.events = []
        worlds[5].hooks[0].projectIDs = [1]
        worlds[6].app.webhookURL = nil

        let results = try worlds.map { try explain($0).steps.last?.result }

        #expect(results == DropReason.allCases.map { .stops($0) })
    }

    @Test func aRefusalIsToldAlsoWhenTheDirectoryContradictsItself() throws {
        var world = FlowWorld()
        let unknown = try explain(world, "issue.unknown")
        world.hooks.append(world.hooks[0])
        let corrupt = try explain(world)

        #expect(unknown.steps.map(\.name) == [.event])
        #expect(corrupt.steps.last?.name == .serviceHook)
        guard case .refuses(let reason) = corrupt.steps.last?.result else { throw TestSupportError("not refused") }
        #expect(reason.contains("service_hooks"))
    }

    @Test func theFactsHoldNoSecretAndNoHeaderValueOfTheOwners() throws {
        var world = FlowWorld()
        world.app.customHeaders = [.init(name: "Authorization", value: Secret("Bearer hidden"))]

        let steps = try explain(world).steps

        let text = "\(steps)"
        #expect(text.contains("Authorization"))
        #expect(!text.contains("hidden"))
        #expect(!text.contains(world.app.clientSecret.exposed))
    }

    @Test func tellingAndPlanningComeToTheSameWebhook() throws {
        let world = FlowWorld()
        let entry = world.entry(try world.event())
        guard case .send(let told) = try world.planner.explain(entry, now: FlowWorld.now).plan,
            case .send(let planned) = try world.planner.plan(entry, now: FlowWorld.now)
        else { throw TestSupportError("it is not sent") }

        #expect(told.body == planned.body)
        #expect(told.headers.map { "\($0.name): \($0.value)" } == planned.headers.map { "\($0.name): \($0.value)" })
    }
}
