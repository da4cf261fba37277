import Buffer
import Handlers
import Model
import Redis
import TestSupport
import Testing
import WebhookRules

/// `GET deliveries/`: outcomes and durations by the hour or the day.
@Suite struct DeliveriesTests {
    /// 2023-07-20 12:00.
    private static let noon: Int64 = 1_689_854_400

    private let hours = MemoryDeliveryHours()
    private let fixture: HandlersFixture

    init() {
        var fixture = HandlersFixture()
        fixture.state.deliveries = hours
        self.fixture = fixture
    }

    private func add(
        _ start: Int64, succeeded: Int64 = 0, failed: Int64 = 0, timeouts: Int64 = 0, _ durations: Int64...
    ) {
        var counts = DeliveryCounts(succeeded: succeeded, failed: failed, timeouts: timeouts)
        for duration in durations { counts.durations.record(milliseconds: duration) }
        hours.hours[10, default: []].append(DeliveryHour(start: start, counts: counts))
    }

    @Test func theLastDayIsShownByTheHour() {
        add(Self.noon, succeeded: 2, 3, 5)
        add(Self.noon - 23 * 3600, succeeded: 1, failed: 2, timeouts: 1, 8, 5000)
        add(Self.noon - 24 * 3600, succeeded: 9)

        let response = fixture.get("pub-app/deliveries/")

        let points = response.json?["points"].elements ?? []
        #expect(response.status == 200)
        #expect(
            response.text.hasPrefix(
                #"{"resolution":"1h","total":{"succeeded":3,"failed":2,"timeouts":1,"p50Ms":5,"p95Ms":5120},"#
                    + #""points":[{"start":1689771600,"succeeded":1,"failed":2,"timeouts":1,"p50Ms":8,"p95Ms":5120},"#
                    + #"{"start":1689775200,"succeeded":0,"failed":0,"timeouts":0,"p50Ms":null,"p95Ms":null},"#))
        #expect(points.count == 24)
        #expect(points.last?["succeeded"].integer == 2 && points.last?["p50Ms"].integer == 3)
    }

    @Test func theResolutionFollowsFromTheRangeOrIsAskedFor() {
        let midnight = Self.noon - 12 * 3600
        add(midnight, succeeded: 1, 3)
        add(Self.noon, failed: 1, 5)
        let week = fixture.get("pub-app/deliveries/", "since=\(Self.noon - 7 * 86_400)&until=\(Self.noon)")
        let month = fixture.get("pub-app/deliveries/", "since=\(Self.noon - 30 * 86_400)&until=\(Self.noon)")
        let short = fixture.get("pub-app/deliveries/", "since=\(Self.noon)&until=\(Self.noon + 60)")
        let asked = fixture.get("pub-app/deliveries/", "resolution=24h")

        #expect(week.json?["resolution"].string == "1h" && week.json?["points"].elements.count == 169)
        #expect(month.json?["resolution"].string == "1d" && month.json?["points"].elements.count == 31)
        #expect(short.json?["resolution"].string == "1h" && short.json?["points"].elements.count == 1)
        let day = asked.json?["points"].elements.last
        #expect(day?["start"].integer == midnight)
        #expect(day?["succeeded"].integer == 1 && day?["failed"].integer == 1 && day?["p95Ms"].integer == 5)
    }

    @Test func whatCannotBeShownIsRefused() {
        let detail = { (query: String) in fixture.get("pub-app/deliveries/", query).detail }

        #expect(detail("resolution=10s") == "The resolution must be 1h or 1d.")
        #expect(detail("resolution=1x") == "Invalid resolution")
        #expect(detail("since=x") == "since must be a numeric timestamp")
        #expect(detail("since=2&until=1") == "start must be before or equal to end")
        #expect(detail("since=0&until=\(Self.noon)&resolution=1h")?.contains("more than the maximum of 800") == true)
        #expect(fixture.post("pub-app/deliveries/", "{}").status == 405)
        hours.failure = .timedOut(server: "s", milliseconds: 1)
        #expect(fixture.get("pub-app/deliveries/").status == 503)
    }

    @Test(
        arguments: [
            HandlersFixture.owner, HandlersFixture.member, HandlersFixture.superuser, HandlersFixture.outsider,
        ], ["23.7", "26.9"])
    func whoMayReadTheLogMayReadIt(user: String, release: String) throws {
        var fixture = fixture
        fixture.release = try ProtocolRelease(parsing: release)
        // In every release that has the log at this path.
        let status = fixture.get("pub-app/webhook-requests/", as: user).status

        #expect(fixture.get("pub-app/deliveries/", as: user).status == status)
        #expect(fixture.get("pub-app/deliveries/", as: nil).status == 401)
    }

    @Test func whatARequestIsCountedAsIsReadInOneRoundTrip() throws {
        let server = try RedisServer()
        let proxy = try RedisProxy(server)
        let connection = RedisConnection(
            endpoint: try RedisEndpoint(parsing: proxy.url), commandTimeout: .seconds(10))
        var fixture = fixture
        fixture.clock = .system
        fixture.state.deliveries = DeliveryHours(connection: connection)
        let buffer = WebhookRequestBuffer(connection: connection)
        _ = try buffer.record(
            [200, 200, 503].map { code in
                WebhookRequestRecord(
                    date: .now(), event: "issue.created", appID: 10, responseCode: code, webhookURL: "https://x",
                    durationMilliseconds: 7)
            })
        let now = Timestamp.now().seconds
        let before = proxy.roundTripCount

        let response = fixture.get("pub-app/deliveries/", "since=\(now - 30 * 86_400)&until=\(now)&resolution=1h")

        #expect(proxy.roundTripCount == before + 1)
        #expect(response.json?["total"]["succeeded"].integer == 2 && response.json?["total"]["failed"].integer == 1)
        #expect(response.json?["total"]["p95Ms"].integer == 7)
    }
}

/// Hours in an array for each app.
private final class MemoryDeliveryHours: DeliveryHourReading {
    var hours: [Int64: [DeliveryHour]] = [:]
    /// When set, every call fails with it.
    var failure: RedisError?

    func hours(appID: Int64, startingIn range: Range<Int64>, now: Timestamp) throws(RedisError) -> [DeliveryHour] {
        if let failure { throw failure }
        return (hours[appID] ?? []).filter { range.contains($0.start) }
    }
}
