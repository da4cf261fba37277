import Buffer
import Directory
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules

/// Why an app gets an event or not, over HTTP.
@Suite struct WhyTests {
    private static let query = "eventType=issue.created"

    @Test func everyStepOfAnEventThatWouldBeDeliveredIsListed() {
        var fixture = HandlersFixture.deliverable()
        let fleet = MemoryFleet()
        fleet.alive = [WorkerReport(consumer: "hall-1", version: "1", startedAt: HandlersFixture.now, inFlight: 0)]
        fixture.state = StateSources(health: fleet, windows: fleet, metrics: fleet, backlog: fleet)

        let response = fixture.get("pub-app/why/", Self.query)

        #expect(response.status == 200)
        #expect(response.steps("warning").isEmpty)
        #expect(
            response.text.hasPrefix(
                #"{"app":"pub-app","eventType":"issue.created","organization":"acme","installation":"installation-1","#
                    + #""wouldBeDelivered":true,"steps":[{"step":"event","result":"ok","text":"issue.created is "#))
        #expect(
            response.json?["steps"].elements.compactMap { $0["step"].string } == [
                "event", "installation", "app", "enabled", "service hook", "app's events", "hook's events", "projects",
                "webhook URL", "client secret", "request", "connection", "policy", "health", "workers", "queue",
                "dead letters", "log",
            ])
        #expect(response.steps("problem").isEmpty)
        #expect(response.steps("note").first?.hasPrefix("connection: not checked here") == true)
        #expect(!response.text.contains("hall-1") && !response.text.contains("hookline "))
        #expect(response.header("Allow") == "GET, HEAD, OPTIONS")
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func anEventThatWouldWaitBecauseNoWorkerRunsIsAWarning() {
        var fixture = HandlersFixture.deliverable()
        fixture.state = StateSources(metrics: MemoryFleet())

        let response = fixture.get("pub-app/why/", Self.query)

        #expect(response.json?["wouldBeDelivered"].bool == true)
        #expect(
            response.steps("warning")
                == ["workers: no worker is running: events wait in the queue until one is started"])
    }

    @Test func everyProblemIsListedAtOnceInWordsForUsers() {
        var fixture = HandlersFixture.deliverable()
        fixture.directory.apps[0].disablement = SentryApp.Disablement(
            date: HandlersFixture.now, reason: "it burns", events: [])
        fixture.directory.apps[0].events = []
        fixture.directory.serviceHooks[0].events = ["comment.created"]

        let response = fixture.get("pub-app/why/", Self.query)

        #expect(response.json?["wouldBeDelivered"].bool == false)
        #expect(
            response.steps("problem").map { $0.prefix { $0 != ":" } } == ["enabled", "app's events", "hook's events"])
        #expect(response.steps("problem")[0].hasSuffix("Fix its receiver, then enable the app again"))
    }

    @Test func anAppWithoutInstallationsHasThatAsItsProblem() {
        var fixture = HandlersFixture.deliverable()
        fixture.directory.installations = []

        let response = fixture.get("pub-app/why/", Self.query)

        #expect(response.steps("problem") == ["installation: pub-app is not installed anywhere"])
        #expect(response.json?["organization"].isNull == true && response.json?["installation"].isNull == true)
        #expect(
            fixture.get("pub-app/why/", Self.query + "&organizationSlug=globex").steps("problem")
                == ["installation: pub-app is not installed at globex"])
    }

    @Test(arguments: ["", "eventType=", "eventType=no.such", "eventType=issue", "organizationSlug=acme"])
    func anEventIsRequired(_ query: String) {
        let response = HandlersFixture.deliverable().get("pub-app/why/", query)

        #expect(response.status == 400)
        #expect(response.detail == "Invalid event type.")
    }

    @Test func anOrganizationThatIsNotThereIs400() {
        let response = HandlersFixture.deliverable().get("pub-app/why/", Self.query + "&organizationSlug=nope")

        #expect(response.status == 400)
        #expect(response.detail == "Invalid organization.")
    }

    @Test func ofSeveralInstallationsOneMustBeNamedAndOnlyVisibleOnesAreListed() {
        var fixture = HandlersFixture.deliverable()
        fixture.installElsewhere()
        let text = "The app has several installations: name an organization with organizationSlug."

        let member = fixture.get("pub-app/why/", Self.query)
        let superuser = fixture.get("pub-app/why/", Self.query, as: HandlersFixture.superuser)
        fixture.store(200, organization: HandlersFixture.globex)
        let informed = fixture.get("pub-app/why/", Self.query)

        #expect([member, superuser, informed].map(\.status) == [400, 400, 400])
        #expect(member.detail == text + " It is installed at: acme.")
        #expect(superuser.detail == text + " It is installed at: acme, globex.")
        #expect(informed.detail == superuser.detail)
        #expect(fixture.get("pub-app/why/", Self.query + "&organizationSlug=acme").status == 200)
    }

    @Test func atMostTwentyOrganizationsAreListed() {
        var fixture = HandlersFixture.deliverable()
        for id in Int64(100)..<130 {
            fixture.directory.organizations.append(Organization(id: id, slug: "org-\(id)", name: ""))
            fixture.directory.installations.append(
                Installation(id: id, appID: 10, organizationID: id, uuid: "\(id)", dateAdded: HandlersFixture.now))
        }

        let response = fixture.get("pub-app/why/", Self.query, as: HandlersFixture.superuser)

        #expect(response.detail?.hasSuffix("org-117, org-118.") == true)
        #expect(response.detail?.split(separator: ",").count == 20)
    }

    @Test(arguments: ["web", "5"])
    func aProjectIsNamedByItsSlugOrItsID(_ project: String) {
        var fixture = HandlersFixture.deliverable()
        fixture.directory.serviceHooks[0].projectIDs = [5]

        let with = fixture.get("pub-app/why/", Self.query + "&project=" + project)
        let without = fixture.get("pub-app/why/", Self.query)

        #expect(with.json?["wouldBeDelivered"].bool == true)
        #expect(without.steps("problem").first?.hasSuffix("the event's project is none: name one of them") == true)
    }

    @Test(arguments: ["other", "6", "nope", "99999999999999999999"])
    func aProjectOfAnotherOrganizationIs400(_ project: String) {
        let response = HandlersFixture.deliverable().get("pub-app/why/", Self.query + "&project=" + project)

        #expect(response.status == 400)
        #expect(response.detail == "Invalid project.")
    }

    /// The log names organizations that installed the app, and nothing of what they have.
    @Test func ofAnotherOrganizationOnlyWhatTheLogShowsIsListed() {
        var fixture = HandlersFixture.deliverable()
        fixture.installElsewhere()
        let globex = Self.query + "&organizationSlug=globex"

        let response = fixture.get("pub-app/why/", globex)
        let real = fixture.get("pub-app/why/", globex + "&project=other")
        let invented = fixture.get("pub-app/why/", globex + "&project=nope")
        let superuser = fixture.get("pub-app/why/", globex, as: HandlersFixture.superuser)

        #expect(response.status == 200)
        #expect(response.steps("problem").count == 1)
        #expect(response.steps("problem")[0].contains("limited to projects of globex"))
        #expect(!response.steps("problem")[0].contains("6"))
        #expect(real.status == 400 && real.text == invented.text)
        #expect(superuser.steps("problem")[0].contains("limited to the projects 6"))
        #expect(
            fixture.get("pub-app/why/", globex + "&project=other", as: HandlersFixture.superuser).json?[
                "wouldBeDelivered"
            ].bool
                == true)
    }

    @Test(arguments: [
        ("owner@acme.test", 200), ("manager@acme.test", 200), ("admin@acme.test", 200), (HandlersFixture.member, 200),
        (HandlersFixture.outsider, 403), ("loner@nowhere.test", 403), (HandlersFixture.superuser, 200), (nil, 401),
    ])
    func itIsForReadersOfTheLog(_ user: String?, _ status: Int) {
        let fixture = HandlersFixture.deliverable()

        #expect(fixture.get("pub-app/why/", Self.query, as: user).status == status)
        #expect(fixture.get("pub-app/requests/", as: user).status == status)
    }

    @Test(arguments: Scope.allCases)
    func aTokenNeedsAReadersScope(_ scope: Scope) {
        var fixture = HandlersFixture.deliverable()
        let member = fixture.token(user: 100, scopes: [scope])
        let outsider = fixture.token(user: 110, scopes: [scope])
        let isReader = fixture.get("pub-app/requests/", token: member).status == 200

        #expect(fixture.get("pub-app/why/", Self.query, token: member).status == (isReader ? 200 : 403))
        #expect(fixture.get("pub-app/why/", Self.query, token: outsider).status == 403)
    }

    @Test func anAppThatIsNotThereIs404() {
        #expect(HandlersFixture.deliverable().get("nope/why/", Self.query).status == 404)
    }

    @Test func aResponseBodyIsIncludedWhereTheLogShowsIt() {
        let fixture = HandlersFixture.deliverable()
        fixture.store(502, event: "issue.created", fields: #","response_body":"out of\norder""#)

        let response = fixture.get("pub-app/why/", Self.query)

        #expect(response.steps("note").last?.hasSuffix("Z 502. The last response: out of order") == true)
    }

    @Test func whatIsSetForTheWorkerCountsHereToo() {
        var fixture = HandlersFixture.deliverable()
        fixture.diagnosis.plan.timeout = .milliseconds(700)
        fixture.diagnosis.policy.autoDisable.apps = .all
        fixture.diagnosis.policy.autoDisable.rule = .daily(AutoDisableRule(dayCount: 2))
        fixture.state.health = MemoryFleet()
        fixture.events = EventCatalogue(setting: "error.created") ?? .version23Dot7

        let unknown = fixture.get("pub-app/why/", Self.query)
        fixture.events = .version23Dot7
        let response = fixture.get("pub-app/why/", Self.query)

        #expect(unknown.detail == "Invalid event type.")
        #expect(response.steps("ok").contains { $0.hasSuffix("timeout 0.7 seconds") })
        #expect(response.steps("ok").contains { $0.hasPrefix("health: 2 days: ") })
    }

    @Test func aFullQueueIsAProblem() {
        var fixture = HandlersFixture.deliverable()
        let fleet = MemoryFleet()
        fleet.maximumDepth = 0
        fixture.state.backlog = fleet

        let response = fixture.get("pub-app/why/", Self.query)

        #expect(response.json?["wouldBeDelivered"].bool == false)
        #expect(response.steps("problem") == ["queue: the queue is full: new events are rejected with 503"])
    }

    @Test func unavailableStoresAre503() {
        var fixture = HandlersFixture.deliverable()
        let fleet = MemoryFleet()
        fixture.state.metrics = fleet
        fleet.failure = .timedOut(server: "s", milliseconds: 5)

        let redis = fixture.get("pub-app/why/", Self.query)
        fixture.directory.failure = .unavailable(location: "x", reason: "gone")
        let directory = fixture.get("pub-app/why/", Self.query)

        #expect([redis, directory].map(\.status) == [503, 503])
        #expect([redis, directory].map { $0.header("Retry-After") } == ["5", "5"])
        #expect(redis.detail?.hasPrefix("The state of deliveries is temporarily unavailable.") == true)
        #expect(redis.failure?.isEmpty == false)
    }

    @Test func headHasNoBodyAndOptionsNamesTheMethods() {
        let fixture = HandlersFixture.deliverable()
        func send(_ method: String) -> Response {
            fixture.send(
                Request(
                    method: method, path: .encoded("/api/0/sentry-apps/pub-app/why/"), query: Self.query,
                    remoteUser: HandlersFixture.owner, secFetchSite: "same-origin"))
        }

        #expect(send("HEAD").status == 200)
        #expect(send("HEAD").omitsBody)
        #expect(send("OPTIONS").header("Allow") == "GET, HEAD, OPTIONS")
        #expect(send("POST").status == 405)
    }
}
