import Handlers
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// The targets of a relay in the API, and the rows of its log.
@Suite struct RelayTargetsTests {
    let targets = [
        RelayTarget(
            name: "ci", url: "https://ci.test/in", events: ["issue"],
            conditions: [.init(path: "data.x", value: .number("1"))], timeoutMilliseconds: 900,
            headers: [.init(name: "X-Key", value: Secret("sesame"))]),
        RelayTarget(name: "chat", url: "https://chat.test/in"),
    ]

    private func post(_ fixture: HandlersFixture, _ action: String, as user: String? = HandlersFixture.owner)
        -> Response
    {
        fixture.post("int-app/targets/\(action)/", "", as: user)
    }

    @Test func targetsAreShownWithTheirStateAndWithoutSecrets() {
        let fixture = HandlersFixture.relaying(to: targets)
        fixture.relayTargets.disabled[WebhookDestination(appID: 12, target: "chat")] = TargetDisabling(
            date: HandlersFixture.now, reason: "responded with 410")
        _ = fixture.relay()

        let response = fixture.get("int-app/targets/")

        #expect(response.status == 200 && response.header("Cache-Control") == "no-store")
        #expect(response.json?["path"].string == "/relay/int-app/")
        #expect(response.json?["lastReceived"].string == "2023-07-20T12:00:00.500000Z")
        let found = response.json?["targets"].elements ?? []
        #expect(found.map { $0["name"].string } == ["ci", "chat"])
        #expect(found.map { $0["isDisabled"].bool } == [false, true])
        #expect(found[0]["conditions"].text == #"{"data.x":1}"# && found[0]["timeoutMs"].integer == 900)
        #expect(found[0]["headers"].elements.first?.string?.hasPrefix("X-Key: ***") == true)
        #expect(found[1]["disabledReason"].string == "responded with 410")
        #expect(!response.text.contains("sesame"))
    }

    @Test func aTargetIsDisabledAndEnabledWithAnEntryOfTheAuditLog() {
        let fixture = HandlersFixture.relaying(to: targets)

        let early = post(fixture, "ci/enable")
        let disabled = post(fixture, "ci/disable")
        let again = post(fixture, "ci/disable")
        let enabled = post(fixture, "ci/enable")
        let unknown = post(fixture, "no/enable")

        #expect([early, disabled, again, enabled, unknown].map(\.status) == [409, 200, 409, 200, 404])
        #expect(fixture.relayTargets.disabled.isEmpty)
        #expect(fixture.directory.auditEntries.map(\.event) == [AuditEntry.targetDisabled, AuditEntry.targetEnabled])
        #expect(fixture.directory.auditEntries.allSatisfy { $0.dataJSON.contains(#""target":"ci""#) })
    }

    @Test func onlyThoseWhoMayChangeTheAppSwitchTargets() {
        let fixture = HandlersFixture.relaying(to: targets)

        #expect(post(fixture, "ci/disable", as: HandlersFixture.outsider).status == 403)
        #expect(post(fixture, "ci/disable", as: HandlersFixture.member).status == 403)
        #expect(post(fixture, "ci/disable", as: nil).status == 401)
        #expect(fixture.relayTargets.disabled.isEmpty)
    }

    @Test func rowsOfARelaySayWhichTargetGotTheWebhook() throws {
        let fixture = HandlersFixture.relaying(to: targets)
        fixture.store(
            200, app: 12, organization: nil,
            fields: #","request_id":"\#(HandlersFixture.eventID(1))","relay":true,"target":"ci","webhook_id":"w-1""#)

        for path in ["int-app/requests/", "int-app/webhook-requests/"] {
            let row = try #require(fixture.get(path).json?.elements.first)
            #expect(row["relay"].bool == true && row["target"].string == "ci" && row["webhookId"].string == "w-1")
        }
    }

    @Test func theLogHasTheEventsThatOnlyTheRelayKnows() throws {
        let fixture = HandlersFixture.relaying(to: targets)
        _ = fixture.relay(#"{"action":"shaken"}"#, resource: "magic_ball")
        fixture.store(200, app: 12, event: "magic_ball.shaken", organization: nil)

        let all = fixture.get("int-app/requests/")
        let one = fixture.get("int-app/webhook-requests/", "eventType=magic_ball.shaken")
        let other = fixture.get("pub-app/webhook-requests/", "eventType=magic_ball.shaken")

        #expect(all.json?.elements.map { $0["eventType"].string } == ["magic_ball.shaken"])
        #expect(one.json?.elements.count == 1)
        #expect(other.status == 400)
    }
}

extension RelayTargetsTests {
    @Test func healthAndWhyKnowTheRelay() throws {
        var fixture = HandlersFixture.relaying(to: targets)
        fixture.state.relayTargets = fixture.relayTargets
        fixture.relayTargets.disabled[WebhookDestination(appID: 12, target: "chat")] = TargetDisabling(
            date: HandlersFixture.now, reason: "responded with 410")

        let health = fixture.get("int-app/health/")
        let why = fixture.get("int-app/why/", "eventType=error.created")
        let issue = fixture.get("int-app/why/", "eventType=issue.created")
        let other = fixture.get("draft-app/health/")

        #expect(
            health.json?["relay"].text
                == #"{"lastReceived":null,"targets":[{"name":"ci","status":"ok"},{"name":"chat","status":"disabled"}],"events":[]}"#
        )
        #expect(why.json?["wouldBeDelivered"].bool == false && issue.json?["wouldBeDelivered"].bool == true)
        #expect(why.steps("problem").first?.hasPrefix("target chat: has been disabled since") == true)
        // Neither subscriptions nor installations matter to it.
        #expect(!issue.text.contains("installation\",\"result\":\"problem"))
        #expect(other.status == 200 && other.json?["relay"].isNull != false)
    }

    @Test func aDisabledTargetInTheCacheIsSeenAtOnce() throws {
        var fixture = HandlersFixture.relaying(to: targets)
        fixture.state.relayTargets = fixture.relayTargets
        let service = CachingService(fixture)

        let before = service.get("int-app/health/")
        fixture.relayTargets.disabled[WebhookDestination(appID: 12, target: "ci")] = TargetDisabling(
            date: HandlersFixture.now, reason: "x")
        let after = service.get("int-app/health/")

        #expect(before.text.contains(#"{"name":"ci","status":"ok"}"#))
        #expect(after.text.contains(#"{"name":"ci","status":"disabled"}"#))
    }
}
