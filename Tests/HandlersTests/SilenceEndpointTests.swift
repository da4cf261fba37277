import Buffer
import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules

/// What `health/` and `why/` tell of a silent app. The fixture's clock stands at 2023-07-20 12:00.
@Suite struct SilenceEndpointTests {
    /// Eight days before the fixture's now.
    private static let old = "2023-07-12 12:00:00.250000+00:00"

    /// What is remembered of every app.
    private final class Times: LastTimeReading {
        var page = LastTimesPage(apps: [.init()])
        var failure: RedisError?

        func times(of appIDs: [Int64]) throws(RedisError) -> LastTimesPage {
            if let failure { throw failure }
            return page
        }
    }

    private let times = Times()

    private func fixture() -> HandlersFixture {
        var fixture = HandlersFixture.deliverable()
        fixture.state = StateSources(lastTimes: times)
        return fixture
    }

    private func health(_ fixture: HandlersFixture) -> GoldenValue? { fixture.get("pub-app/health/").json }

    @Test func healthTellsSinceWhenNothingWasSentAndWhy() {
        var fixture = fixture()
        fixture.store(200, date: Self.old)
        fixture.directory.serviceHooks = []
        fixture.directory.apps[0].webhookURL = nil

        let health = health(fixture)

        #expect(health?["status"].string == "silent")
        #expect(health?["lastRequest"].string == "2023-07-12T12:00:00.250000Z")
        let silence = health?["silence"]
        #expect(silence?["lastRequest"].string == "2023-07-12T12:00:00.250000Z")
        #expect(silence?["silentSince"].string == "2023-07-19T12:00:00.250000Z")
        #expect(silence?["lastUnsentEvent"].text == "null")
        #expect(
            silence?["causes"].elements.compactMap { $0["cause"].string } == [
                "missing-service-hook", "missing-webhook-url",
            ])
        #expect(silence?["causes"].elements[1]["text"].string == "the app has no webhook URL")
    }

    @Test func whatIsRememberedIsToldWhenTheRowsHaveExpired() {
        times.page.apps = [.init(attempt: HandlersFixture.now.adding(seconds: -100 * 86_400))]

        let health = health(fixture())

        #expect(health?["status"].string == "silent")
        #expect(health?["lastRequest"].string == "2023-04-11T12:00:00.500000Z")
        #expect(health?["silence"]["causes"].elements.isEmpty == true)
    }

    @Test func anAppThatHadARequestLatelyOrNeverIsNotSilent() {
        let fixture = fixture()
        #expect(health(fixture)?["silence"].text == "null")

        fixture.store(200, date: "2023-07-13 12:00:01.000000+00:00")
        #expect(health(fixture)?["silence"].text == "null")

        // The newest row may be one of an error.
        fixture.log.add(
            #"{"date":"\#(Self.old)","response_code":500,"webhook_url":"u"}"#, appID: 11, event: "issue.created",
            isError: true)
        #expect(fixture.get("draft-app/health/").json?["silence"]["lastRequest"].string != nil)
    }

    /// It is no attempt, wherever that is asked.
    @Test func aWebhookThatACircuitBreakerHoldsDoesNotEndASilence() {
        let fixture = fixture()
        fixture.store(200, date: Self.old)
        fixture.store(200, date: "2023-07-20 11:00:00.250000+00:00", fields: #","reason":"breaker-open""#)

        #expect(health(fixture)?["silence"]["lastRequest"].string == "2023-07-12T12:00:00.250000Z")
        #expect(fixture.get("pub-app/why/", "eventType=issue.created").text.contains("2023-07-12T12:00:00"))
    }

    @Test func theSettingDecides() {
        var fixture = fixture()
        fixture.store(200, date: "2023-07-17 11:59:00.000000+00:00")

        fixture.diagnosis.silence.days = 3
        #expect(health(fixture)?["status"].string == "silent")
        #expect(health(fixture)?["silence"]["silentSince"].string == "2023-07-20T11:59:00Z")
        fixture.diagnosis.silence.days = 4
        #expect(health(fixture)?["status"].string == "fine")
        fixture.diagnosis.silence.days = 0
        #expect(!fixture.get("pub-app/health/").text.contains("silence"))
    }

    @Test func aDisabledAppStaysDisabledAndTellsItAsTheCause() {
        var fixture = fixture()
        fixture.store(200, date: Self.old)
        fixture.directory.apps[0].disablement = SentryApp.Disablement(
            date: HandlersFixture.now, reason: "gone", events: ["issue"])

        let health = health(fixture)

        #expect(health?["status"].string == "disabled")
        #expect(health?["silence"]["causes"].elements.compactMap { $0["cause"].string } == ["disabled"])
    }

    @Test func whyHasItAsANoteThatDoesNotChangeTheVerdict() {
        let fixture = fixture()
        fixture.store(200, event: "comment.created", date: Self.old)
        times.page.observedSince = Timestamp(seconds: 0)

        let response = fixture.get("pub-app/why/", "eventType=issue.created")

        #expect(response.json?["wouldBeDelivered"].bool == true)
        #expect(
            response.steps("note").last
                == "silence: nothing was sent since 2023-07-12T12:00:00Z: no event for the app has been accepted "
                + "since 2023-07-12T12:00:00Z")
        fixture.store(200, event: "error.created")
        #expect(
            !fixture.get("pub-app/why/", "eventType=issue.created").steps("note").contains { $0.hasPrefix("silence") })
    }

    @Test func aStoreThatFailsIsA503() {
        times.failure = .timedOut(server: "s", milliseconds: 5)

        #expect(fixture().get("pub-app/health/").status == 503)
        #expect(fixture().get("pub-app/why/", "eventType=issue.created").status == 503)
    }

    @Test func aSilentAppIsNotCachedSoThatItsCausesAreThoseOfNow() {
        let fixture = fixture()
        fixture.store(200, date: Self.old)
        let caching = CachingService(fixture)
        #expect(caching.get("pub-app/health/").json?["silence"]["causes"].elements.isEmpty == true)

        times.page.observedSince = Timestamp(seconds: 0)

        #expect(caching.get("pub-app/health/").json?["silence"]["causes"].elements.count == 1)
        #expect(caching.counts.hits == 0)
    }

    @Test func aCachedResponseExpiresWhenTheAppBecomesSilent() {
        var fixture = fixture()
        // Half a second later it is silent; the day ends later.
        fixture.store(200, date: "2023-07-13 12:00:01.000000+00:00")
        let clock = ManualClock(HandlersFixture.now)
        fixture.clock = clock.clock
        let caching = CachingService(fixture)
        #expect(caching.get("pub-app/health/").json?["silence"].text == "null")
        #expect(caching.get("pub-app/health/").json?["silence"].text == "null")
        #expect(caching.counts.hits == 1)

        clock.advance(seconds: 1)

        #expect(caching.get("pub-app/health/").json?["silence"].text != "null")
    }
}
