import Buffer
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules

/// The state of an app, from its log. The fixture's clock stands at 2023-07-20 12:00.
@Suite struct HealthTests {
    @Test func anAppWithoutRequestsIsSilent() {
        let response = HandlersFixture().get("pub-app/health/")

        #expect(response.status == 200)
        #expect(
            response.text.hasPrefix(
                #"{"status":"silent","requests24h":0,"errors24h":0,"lastRequest":null,"disabledSince":null,"#
                    + #""disabledReason":null,"silence":null,"completeSince":null,"days":[{"date":"2023-07-14","requests":0,"errors":0}"#
            ))
        #expect(
            response.text.hasSuffix(
                #"{"date":"2023-07-20","requests":0,"errors":0}],"canManage":true,"canErase":true}"#))
        #expect(response.json?["days"].elements.count == 7)
    }

    /// It was not sent: neither a request nor an error.
    @Test func whatAnOpenCircuitBreakerHoldsDoesNotCount() {
        let fixture = HandlersFixture()
        fixture.store(200)
        fixture.log.add(
            #"{"date":"2023-07-20 11:30:00.250000+00:00","response_code":0,"webhook_url":"u","reason":"breaker-open"}"#,
            appID: 10, event: "issue.assigned", isError: false)

        let health = fixture.get("pub-app/health/").json

        #expect(health?["requests24h"].integer == 1 && health?["errors24h"].integer == 0)
        #expect(health?["status"].string == "fine")
    }

    @Test(arguments: [true, false])
    func anAppThatThePlatformHasDisabledIsDisabledWhereThatIsEnforced(isEnforced: Bool) {
        var fixture = HandlersFixture()
        fixture.store(200)
        fixture.directory.apps[0].isDisabledByPlatform = true
        fixture.diagnosis.plan.enforcesDisabling = isEnforced

        #expect(fixture.get("pub-app/health/").json?["status"].string == (isEnforced ? "disabled" : "fine"))
    }

    @Test func itHasTheStateOfTheCircuitBreakerWhereThereAreSome() {
        var fixture = HandlersFixture()
        let fleet = MemoryFleet()
        fixture.state = StateSources(breakers: fleet)
        #expect(!fixture.get("pub-app/health/").text.contains("breaker"))

        fixture.diagnosis.policy.breaker = CircuitBreakerSettings()
        #expect(!fixture.get("pub-app/health/").text.contains("breaker"), "23.7 has none")
        fixture.diagnosis.policy.following.remove(.breaker)
        for (circuit, text) in [
            (CircuitState.closed, #""breaker":"closed","breakerUntil":null,"#),
            (.open(until: 1_689_854_460), #""breaker":"open","breakerUntil":"2023-07-20T12:01:00Z","#),
            (.recovering(until: 1_689_854_460), #""breaker":"recovering","breakerUntil":"2023-07-20T12:01:00Z","#),
        ] {
            fleet.circuit = circuit
            #expect(fixture.get("pub-app/health/").text.contains(text))
        }
        fleet.failure = .timedOut(server: "s", milliseconds: 5)
        #expect(fixture.get("pub-app/health/").text.contains(#""breaker":"closed""#))
    }

    @Test(arguments: [
        ([200, 200, 500], "fine"), ([200, 500], "failing"), ([0, 404], "failing"), ([200, 302], "failing"),
        ([301], "failing"),
        ([200, 200, 302], "fine"),
    ])
    func theLastDayDecides(_ codes: [Int], _ status: String) {
        let fixture = HandlersFixture()
        for code in codes { fixture.store(code) }
        for _ in 0..<20 { fixture.store(500, date: "2023-07-18 10:00:00.000000+00:00") }

        let health = fixture.get("pub-app/health/").json

        #expect(health?["status"].string == status)
        #expect(health?["requests24h"].integer == Int64(codes.count))
        #expect(health?["errors24h"].integer == Int64(codes.count { $0 != 200 }))
        #expect(health?["lastRequest"].string == "2023-07-20T11:00:00.250000Z")
    }

    @Test func withoutRequestsInTheLastDayTheWeekDecides() {
        let fixture = HandlersFixture()
        fixture.store(500, date: "2023-07-16 10:00:00.000000+00:00")

        let health = fixture.get("pub-app/health/").json

        #expect(health?["status"].string == "failing")
        #expect(health?["errors24h"].integer == 0)
        #expect(health?["days"].elements[2].text == #"{"date":"2023-07-16","requests":1,"errors":1}"#)
    }

    @Test func whatLiesBackMoreThanAWeekIsSilence() {
        let fixture = HandlersFixture()
        fixture.store(200, date: "2023-07-13 23:59:59.000000+00:00")

        let health = fixture.get("pub-app/health/").json

        #expect(health?["status"].string == "silent")
        #expect(health?["lastRequest"].string == "2023-07-13T23:59:59Z")
    }

    /// Rows of webhooks that were not sent take a place in the list: rows of attempts were removed for them.
    @Test func aListThatIsFullOfWebhooksThatWereNotSentSaysItToo() {
        let fixture = HandlersFixture()
        let held = #","reason":"breaker-open""#
        for second in 10..<60 {
            fixture.store(200, date: "2023-07-20 10:00:\(second).000000+00:00")
            fixture.store(200, date: "2023-07-20 10:01:\(second).000000+00:00", fields: held)
        }

        let health = fixture.get("pub-app/health/").json

        #expect(health?["completeSince"].string == "2023-07-20T10:00:10Z")
        #expect(health?["requests24h"].integer == 50)
    }

    @Test func aFullListSaysSinceWhenItIsComplete() {
        let fixture = HandlersFixture()
        for second in 0..<60 {
            let padded = second < 10 ? "0\(second)" : "\(second)"
            fixture.store(200, date: "2023-07-20 10:00:\(padded).000000+00:00")
            fixture.store(200, date: "2023-07-20 10:01:\(padded).000000+00:00")
        }
        fixture.store(200, event: "issue.created", date: "2023-07-19 10:00:00.000000+00:00")

        let health = fixture.get("pub-app/health/").json

        #expect(health?["completeSince"].string == "2023-07-20T10:00:10Z")
        #expect(health?["requests24h"].integer == 100)
    }

    @Test func itSaysWhetherTheCallerMayEnableAndRedeliver() throws {
        var fixture = HandlersFixture()
        fixture.directory.apps[0].disablement = SentryApp.Disablement(
            date: HandlersFixture.now, reason: "gone", events: [])
        let reader = fixture.token(user: 103, scopes: [.orgRead])
        let writer = fixture.token(user: 103, scopes: [.orgWrite])

        #expect(fixture.get("pub-app/health/", as: HandlersFixture.superuser).json?["canManage"].bool == true)
        for user in ["member", "admin", "manager", "owner"].map({ "\($0)@acme.test" }) {
            let canManage = fixture.get("pub-app/health/", as: user).json?["canManage"].bool

            #expect(canManage == (fixture.post("pub-app/enable/", "", as: user).status != 403), "\(user)")
        }
        fixture.directory.installations = [
            Installation(
                id: 1, appID: 10, organizationID: HandlersFixture.acme, uuid: "i", dateAdded: HandlersFixture.now)
        ]
        let proxy = try fixture.proxyToken(appID: 10, appScopes: [.orgRead, .orgWrite], tokenScopes: [.orgRead])
        #expect(fixture.get("pub-app/health/", token: proxy).json?["canManage"].bool == false)
        #expect(fixture.get("pub-app/health/", token: reader).json?["canManage"].bool == false)
        #expect(fixture.get("pub-app/health/", token: writer).json?["canManage"].bool == true)
    }

    @Test func aDisabledAppSaysSinceWhenAndWhy() {
        var fixture = HandlersFixture()
        fixture.store(200)
        fixture.directory.apps[0].disablement = SentryApp.Disablement(
            date: HandlersFixture.now, reason: "gone", events: ["issue"])

        let health = fixture.get("pub-app/health/").json

        #expect(health?["status"].string == "disabled")
        #expect(health?["disabledSince"].string == "2023-07-20T12:00:00.500000Z")
        #expect(health?["disabledReason"].string == "gone")
    }

    @Test func itIsForReadersOfTheLog() {
        let fixture = HandlersFixture()

        #expect(fixture.get("pub-app/health/", as: nil).status == 401)
        #expect(fixture.get("pub-app/health/", as: HandlersFixture.outsider).status == 403)
        #expect(fixture.get("pub-app/health/", as: HandlersFixture.member).status == 200)
    }

    @Test func aFailingStoreIsA503() {
        let fixture = HandlersFixture()
        fixture.log.failure = .unreachable(server: "redis", reason: "test")

        #expect(fixture.get("pub-app/health/").status == 503)
    }
}

/// Sending the dead letters of an app again.
@Suite struct RedriveTests {
    @Test func theAppsDeadLettersGoBackIntoTheQueueAndThoseOfOthersStay() {
        let fixture = HandlersFixture()
        let app = fixture.directory.apps.first { $0.slug == "pub-app" }?.id ?? 0
        fixture.queue.deadLetters = [app, app + 1000, app]

        let first = fixture.post("pub-app/redrive/", "")
        let second = fixture.post("pub-app/redrive/", "")

        #expect(first.status == 200)
        #expect(first.text == #"{"redriven":2,"hasMore":false,"queueIsFull":false}"#)
        #expect(second.text == #"{"redriven":0,"hasMore":false,"queueIsFull":false}"#)
        #expect(fixture.queue.deadLetters == [app + 1000])
    }

    @Test func oneRequestMovesALimitedNumberAndAFullQueueIsReported() {
        let fixture = HandlersFixture()
        let app = fixture.directory.apps.first { $0.slug == "pub-app" }?.id ?? 0
        fixture.queue.deadLetters = Array(repeating: app, count: 501)

        #expect(
            fixture.post("pub-app/redrive/", "").text
                == #"{"redriven":500,"hasMore":true,"queueIsFull":false}"#)
        fixture.queue.deadLetters = [app, app]
        fixture.queue.bound = 1
        #expect(fixture.post("pub-app/redrive/", "").text == #"{"redriven":1,"hasMore":true,"queueIsFull":true}"#)
    }

    @Test func damagedDeadLettersAreCounted() {
        let fixture = HandlersFixture()
        fixture.queue.damagedCount = 3

        #expect(
            fixture.post("pub-app/redrive/", "").text
                == #"{"redriven":0,"hasMore":false,"queueIsFull":false,"damaged":3}"#)
    }

    @Test func aDisabledAppsDeadLettersStay() {
        let fixture = HandlersFixture.withDisabledApp()

        #expect(fixture.post("pub-app/redrive/", "").status == 409)
    }

    @Test(arguments: [
        (HandlersFixture.member, 403), ("admin@acme.test", 403), ("manager@acme.test", 200),
        (HandlersFixture.outsider, 403),
    ])
    func itNeedsOrgWriteInTheOwningOrganization(_ user: String, _ status: Int) {
        #expect(HandlersFixture().post("pub-app/redrive/", "", as: user).status == status)
    }

    @Test func anUnavailableQueueIsA503() {
        let fixture = HandlersFixture()
        fixture.queue.failure = .unreachable(server: "redis", reason: "test")

        #expect(fixture.post("pub-app/redrive/", "").status == 503)
    }
}

/// Enabling a disabled app.
@Suite struct EnableTests {
    @Test func itRestoresTheSubscriptionsAndIsAudited() throws {
        let fixture = HandlersFixture.withDisabledApp()

        let response = fixture.post("pub-app/enable/", "")

        #expect(response.status == 200)
        #expect(response.text == #"{"status":"enabled","events":["issue"]}"#)
        #expect(response.header("Allow") == "POST, OPTIONS")
        let app = try #require(try fixture.directory.app(slug: "pub-app"))
        #expect(app.disablement == nil && app.events == ["issue"])
        let entry = try #require(fixture.directory.auditEntries.last)
        #expect(entry.event == AuditEntry.appEnabled && entry.organizationID == HandlersFixture.acme)
        #expect(entry.actorID == 103 && entry.actorLabel == HandlersFixture.owner)
        #expect(entry.dataJSON == #"{"name":"pub-app"}"# && entry.date == HandlersFixture.now)
    }

    /// Failures from before would disable it again at once.
    @Test func itForgetsTheFailuresFromBeforeAndARedisThatFailsDoesNotPreventIt() throws {
        var fixture = HandlersFixture.withDisabledApp()
        var failing = HandlersFixture.withDisabledApp()
        let (fleet, down) = (MemoryFleet(), MemoryFleet())
        fleet.failureWindow.warnedPercent = 90
        down.failure = .timedOut(server: "s", milliseconds: 5)
        fixture.state = StateSources(windows: fleet)
        failing.state = StateSources(windows: down)

        #expect(fixture.post("pub-app/enable/", "").status == 200)
        #expect(failing.post("pub-app/enable/", "").status == 200)
        #expect(fleet.failureWindow == FailureWindow())
    }

    @Test func thatAnAppIsToBeDisabledIsTakenBackAndAudited() throws {
        var fixture = HandlersFixture()
        let fleet = MemoryFleet()
        let app = try #require(try fixture.directory.app(slug: "pub-app"))
        fleet.pendingDisablings = [PendingDisabling(appID: app.id, organizationID: HandlersFixture.acme, reason: "x")]
        fleet.failureWindow.warnedPercent = 90
        fixture.state = StateSources(windows: fleet, pendingDisablings: fleet)

        let response = fixture.post("pub-app/enable/", "")
        let again = fixture.post("pub-app/enable/", "")

        #expect(response.status == 200)
        #expect(response.text.hasPrefix(#"{"status":"enabled","events":["#))
        #expect(fleet.pendingDisablings.isEmpty && fleet.failureWindow == FailureWindow())
        #expect(again.status == 409)
        #expect(fixture.directory.auditEntries.map(\.event) == [AuditEntry.appEnabled])
        #expect(fixture.directory.auditEntries[0].actorLabel == HandlersFixture.owner)
    }

    @Test func withoutRedisADisabledAppIsEnabledAndOfAnotherItIsNotKnown() {
        var (disabled, fixture) = (HandlersFixture.withDisabledApp(), HandlersFixture())
        let down = MemoryFleet()
        down.failure = .timedOut(server: "s", milliseconds: 5)
        disabled.state = StateSources(windows: down, pendingDisablings: down)
        fixture.state = disabled.state

        #expect(disabled.post("pub-app/enable/", "").status == 200)
        #expect(fixture.post("pub-app/enable/", "").status == 503)
        #expect(fixture.directory.auditEntries.isEmpty)
    }

    @Test func anAppThatIsNotDisabledIsLeftAlone() {
        let fixture = HandlersFixture()

        let response = fixture.post("pub-app/enable/", "")

        #expect(response.status == 409)
        #expect(response.detail == "The app is not disabled.")
        #expect(fixture.directory.auditEntries.isEmpty)
    }

    @Test(arguments: [
        (HandlersFixture.member, 403), ("admin@acme.test", 403), ("manager@acme.test", 200),
        (HandlersFixture.outsider, 403),
    ])
    func itNeedsOrgWriteInTheOwningOrganization(_ user: String, _ status: Int) {
        let fixture = HandlersFixture.withDisabledApp()

        #expect(fixture.post("pub-app/enable/", "", as: user).status == status)
        #expect(fixture.directory.auditEntries.count == (status == 200 ? 1 : 0))
    }

    @Test func anotherSiteCannotDoItInAUsersName() {
        let fixture = HandlersFixture.withDisabledApp()

        let response = fixture.send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-apps/pub-app/enable/"), remoteUser: HandlersFixture.owner,
                secFetchSite: "cross-site"))

        #expect(response.status == 403)
        #expect(fixture.directory.auditEntries.isEmpty)
    }
}

extension HandlersFixture {
    fileprivate static func withDisabledApp() -> HandlersFixture {
        var fixture = HandlersFixture()
        fixture.directory.apps[0].events = []
        fixture.directory.apps[0].disablement = SentryApp.Disablement(
            date: HandlersFixture.now, reason: "gone", events: ["issue"])
        return fixture
    }
}
