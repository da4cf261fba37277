import Buffer
import Delivery
import Model
import TestSupport
import Testing
import WebhookRules

/// Which attempts are repeated, and when.
@Suite
struct RetryPolicyTests {
    private let policy = RetryPolicy(delays: [.seconds(300), .seconds(600), .seconds(900)])

    private func retry(afterSeconds seconds: Int64) -> RetryDecision {
        .retry(at: WebhookFixture.now.adding(seconds: seconds))
    }

    private func decide(
        _ attempt: FinishedAttempt, _ policy: RetryPolicy? = nil, fraction: Double = 0
    ) -> RetryDecision {
        (policy ?? self.policy).decision(for: attempt, randomFraction: fraction)
    }

    @Test(arguments: [
        (100, false), (200, false), (204, false), (299, false), (301, false), (304, false), (399, false),
        (400, false), (401, false), (403, false), (404, false), (408, false), (410, false), (425, false),
        (429, false), (451, false), (499, false), (500, true), (501, true), (502, true), (503, true), (504, true),
        (599, true), (600, true), (999, true),
    ])
    func responsesBelow500AreFinalAndAllOthersAreRetried(status: Int, isRepeated: Bool) throws {
        let attempt = try WebhookFixture().responded(status)

        #expect(decide(attempt) == (isRepeated ? retry(afterSeconds: 300) : .finish))
    }

    @Test(arguments: SendFailure.allCases)
    func everyFailureWithoutAResponseHasItsDecision(failure: SendFailure) throws {
        let attempt = try WebhookFixture().attempt(.failed(failure, detail: "x"))

        let expected: RetryDecision =
            switch failure {
            case .timeout, .connection, .dns, .tls, .protocol, .proxy, .internal: retry(afterSeconds: 300)
            case .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader: .finish
            case .cancelled, .leaseLost: .putBack
            case .breakerOpen: .hold(until: attempt.date)
            }
        #expect(decide(attempt) == expected)
    }

    @Test func failuresOfAppsThatAreNotPublishedEndQuietlyUnlessAllAppsAreRetried() throws {
        let outcomes: [SendResult.Outcome] = [
            .response(ReceivedResponse(status: 503)), .response(ReceivedResponse(status: 429, retryAfter: "1")),
            .failed(.timeout, detail: ""), .failed(.connection, detail: ""), .failed(.dns, detail: ""),
            .failed(.tls, detail: ""), .failed(.protocol, detail: ""),
        ]
        var all = policy
        all.apps = .all

        for status in SentryApp.Status.allCases {
            for outcome in outcomes {
                let attempt = try WebhookFixture(status: status).attempt(outcome)
                let last = try WebhookFixture(status: status).attempt(outcome, number: 4)

                #expect(decide(attempt) == (status == .published ? retry(afterSeconds: 300) : .finish), "\(status)")
                #expect(decide(attempt, all) == retry(afterSeconds: 300), "\(status)")
                #expect((decide(last) == .finish) == (status != .published), "\(status)")
                #expect(decide(last, all) != .finish, "\(status)")
            }
        }
    }

    @Test(arguments: SentryApp.Status.allCases)
    func whatIsNotTheAppsFaultIsRepeatedForEveryApp(status: SentryApp.Status) throws {
        let fixture = WebhookFixture(status: status)

        #expect(try decide(fixture.attempt(.failed(.proxy, detail: ""))) == retry(afterSeconds: 300))
        #expect(try decide(fixture.attempt(.failed(.internal, detail: ""))) == retry(afterSeconds: 300))
        #expect(try decide(fixture.attempt(.failed(.cancelled, detail: ""))) == .putBack)
        #expect(
            try decide(fixture.attempt(.failed(.proxy, detail: ""), number: 4))
                == .giveUp(reason: "attempt 4 of 4 failed: proxy"))
    }

    @Test func theDelaysAreUsedInTurnAndThenTheEventIsGivenUp() throws {
        let fixture = WebhookFixture()

        let decisions = try [1, 2, 3, 4, 5].map { decide(try fixture.responded(503, number: $0)) }

        #expect(
            decisions == [
                retry(afterSeconds: 300), retry(afterSeconds: 600), retry(afterSeconds: 900),
                .giveUp(reason: "attempt 4 of 4 failed: 503"), .giveUp(reason: "attempt 5 of 4 failed: 503"),
            ])
        #expect(try decide(fixture.responded(200, number: 4)) == .finish)
        #expect(try decide(fixture.responded(404, number: 4)) == .finish)
        #expect(try decide(fixture.attempt(.failed(.cancelled, detail: ""), number: 4)) == .putBack)
    }

    @Test func theDefaultIsTheOriginalsThreeMoreAttemptsFiveMinutesApart() throws {
        let fixture = WebhookFixture()

        for number in 1...3 {
            #expect(try decide(fixture.responded(500, number: number), RetryPolicy()) == retry(afterSeconds: 300))
        }
        #expect(
            try decide(fixture.attempt(.failed(.timeout, detail: ""), number: 4), RetryPolicy())
                == .giveUp(reason: "attempt 4 of 4 failed: timeout"))
    }

    @Test func withoutDelaysThereIsOneAttempt() throws {
        let none = RetryPolicy(delays: [])

        #expect(try decide(WebhookFixture().responded(500), none) == .giveUp(reason: "attempt 1 of 1 failed: 500"))
        #expect(try decide(WebhookFixture(status: .internal).responded(500), none) == .finish)
    }

    @Test(
        arguments: [
            (0.0, 0), (0.5, 15), (1.0, 30), (-3.0, 0), (7.0, 30), (.nan, 0), (.infinity, 30),
        ] as [(Double, Int64)])
    func jitterIsOnlyEverAdded(fraction: Double, seconds: Int64) throws {
        let attempt = try WebhookFixture().responded(500)

        #expect(decide(attempt, fraction: fraction) == retry(afterSeconds: 300 + seconds))
    }

    @Test(arguments: [
        ("0", 300), ("299", 300), ("301", 301), ("3600", 3600), ("3601", 3600), ("99999999999999999999", 3600),
        ("soon", 300), ("-5", 300), ("Tue, 14 Nov 2023 22:23:20 GMT", 600), ("Tue, 14 Nov 2023 22:13:20 GMT", 300),
    ])
    func aRetryAfterNeverMakesARetryEarlierThanTheTableNorLaterThanTheMaximum(value: String, seconds: Int64) throws {
        #expect(try decide(WebhookFixture().responded(503, retryAfter: value)) == retry(afterSeconds: seconds))
    }

    @Test func a429IsRetriedOnlyWithRetryAfter() throws {
        let fixture = WebhookFixture()

        #expect(try decide(fixture.responded(429)) == .finish)
        #expect(try decide(fixture.responded(429, retryAfter: "later")) == .finish)
        #expect(try decide(fixture.responded(429, retryAfter: "900")) == retry(afterSeconds: 900))
        #expect(try decide(fixture.responded(429, retryAfter: "1")) == retry(afterSeconds: 300))
        #expect(
            try decide(fixture.responded(429, retryAfter: "1", number: 4))
                == .giveUp(reason: "attempt 4 of 4 failed: 429"))
        #expect(try decide(fixture.responded(410, retryAfter: "1")) == .finish)
        #expect(try decide(fixture.responded(404, retryAfter: "1")) == .finish)
    }

    @Test func aTableLongerThanTheMaximumOfRetryAfterStaysAsItIs() throws {
        let slow = RetryPolicy(delays: [.seconds(7200)], maximumRetryAfter: .seconds(60))

        #expect(try decide(WebhookFixture().responded(503, retryAfter: "9000"), slow) == retry(afterSeconds: 7200))
    }

    @Test func senselessSettingsStayWithinTheCalendar() throws {
        let endless = RetryPolicy(
            delays: [.seconds(Int64.max)], jitterPercent: .max, maximumRetryAfter: .seconds(Int64.max))
        let backwards = RetryPolicy(
            delays: [.seconds(-900)], jitterPercent: -50, maximumRetryAfter: .seconds(-1))

        #expect(try decide(WebhookFixture().responded(503), endless, fraction: 1) == retry(afterSeconds: 630_720_000))
        #expect(
            try decide(WebhookFixture().responded(503, retryAfter: "5"), backwards, fraction: 1)
                == retry(afterSeconds: 0))
    }
}
