import Buffer
import Delivery
import Model
import TestSupport
import Testing

@Suite("Which attempts are repeated, and when")
struct RetryPolicyTests {
    private let policy = RetryPolicy(delays: [.seconds(300), .seconds(600), .seconds(900)])

    private func retry(afterSeconds seconds: Int64) -> RetryDecision {
        .retry(at: FlowWorld.now.adding(seconds: seconds))
    }

    private func decide(
        _ attempt: FinishedAttempt, _ policy: RetryPolicy? = nil, fraction: Double = 0
    ) -> RetryDecision {
        (policy ?? self.policy).decision(for: attempt, randomFraction: fraction)
    }

    @Test(
        "Answers below 500 end the matter, all others are repeated",
        arguments: [
            (100, false), (200, false), (204, false), (299, false), (301, false), (304, false), (399, false),
            (400, false), (401, false), (403, false), (404, false), (408, false), (410, false), (425, false),
            (429, false), (451, false), (499, false), (500, true), (501, true), (502, true), (503, true), (504, true),
            (599, true), (600, true), (999, true),
        ])
    func statuses(status: Int, isRepeated: Bool) throws {
        let attempt = try FlowWorld().answered(status)

        #expect(decide(attempt) == (isRepeated ? retry(afterSeconds: 300) : .finish))
    }

    @Test("Every way to fail without an answer has its decision", arguments: SendFailure.allCases)
    func failures(failure: SendFailure) throws {
        let attempt = try FlowWorld().attempt(.failed(failure, detail: "x"))

        let expected: RetryDecision =
            switch failure {
            case .timeout, .connection, .dns, .tls, .protocol, .proxy, .internal: retry(afterSeconds: 300)
            case .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader: .finish
            case .cancelled: .putBack
            }
        #expect(decide(attempt) == expected)
    }

    @Test("Failures of apps that are not published end quietly, unless all apps are retried")
    func otherApps() throws {
        let outcomes: [SendResult.Outcome] = [
            .answered(ReceivedResponse(status: 503)), .answered(ReceivedResponse(status: 429, retryAfter: "1")),
            .failed(.timeout, detail: ""), .failed(.connection, detail: ""), .failed(.dns, detail: ""),
            .failed(.tls, detail: ""), .failed(.protocol, detail: ""),
        ]
        var all = policy
        all.apps = .all

        for status in SentryApp.Status.allCases {
            for outcome in outcomes {
                let attempt = try FlowWorld(status: status).attempt(outcome)
                let last = try FlowWorld(status: status).attempt(outcome, number: 4)

                #expect(decide(attempt) == (status == .published ? retry(afterSeconds: 300) : .finish), "\(status)")
                #expect(decide(attempt, all) == retry(afterSeconds: 300), "\(status)")
                #expect((decide(last) == .finish) == (status != .published), "\(status)")
                #expect(decide(last, all) != .finish, "\(status)")
            }
        }
    }

    @Test("What is not the app's fault is repeated for every app", arguments: SentryApp.Status.allCases)
    func ourFault(status: SentryApp.Status) throws {
        let world = FlowWorld(status: status)

        #expect(try decide(world.attempt(.failed(.proxy, detail: ""))) == retry(afterSeconds: 300))
        #expect(try decide(world.attempt(.failed(.internal, detail: ""))) == retry(afterSeconds: 300))
        #expect(try decide(world.attempt(.failed(.cancelled, detail: ""))) == .putBack)
        #expect(
            try decide(world.attempt(.failed(.proxy, detail: ""), number: 4))
                == .giveUp(reason: "attempt 4 of 4 failed: proxy"))
    }

    @Test("The delays are used in turn, and then the event is given up")
    func attempts() throws {
        let world = FlowWorld()

        let decisions = try [1, 2, 3, 4, 5].map { decide(try world.answered(503, number: $0)) }

        #expect(
            decisions == [
                retry(afterSeconds: 300), retry(afterSeconds: 600), retry(afterSeconds: 900),
                .giveUp(reason: "attempt 4 of 4 failed: 503"), .giveUp(reason: "attempt 5 of 4 failed: 503"),
            ])
        #expect(try decide(world.answered(200, number: 4)) == .finish)
        #expect(try decide(world.answered(404, number: 4)) == .finish)
        #expect(try decide(world.attempt(.failed(.cancelled, detail: ""), number: 4)) == .putBack)
    }

    @Test("The default is the original's: three more attempts, five minutes apart")
    func defaults() throws {
        let world = FlowWorld()

        for number in 1...3 {
            #expect(try decide(world.answered(500, number: number), RetryPolicy()) == retry(afterSeconds: 300))
        }
        #expect(
            try decide(world.attempt(.failed(.timeout, detail: ""), number: 4), RetryPolicy())
                == .giveUp(reason: "attempt 4 of 4 failed: timeout"))
    }

    @Test("Without delays there is one attempt")
    func noDelays() throws {
        let none = RetryPolicy(delays: [])

        #expect(try decide(FlowWorld().answered(500), none) == .giveUp(reason: "attempt 1 of 1 failed: 500"))
        #expect(try decide(FlowWorld(status: .internal).answered(500), none) == .finish)
    }

    @Test(
        "Jitter is only ever added",
        arguments: [
            (0.0, 0), (0.5, 15), (1.0, 30), (-3.0, 0), (7.0, 30), (.nan, 0), (.infinity, 30),
        ] as [(Double, Int64)])
    func jitter(fraction: Double, seconds: Int64) throws {
        let attempt = try FlowWorld().answered(500)

        #expect(decide(attempt, fraction: fraction) == retry(afterSeconds: 300 + seconds))
    }

    @Test(
        "A Retry-After never makes a retry earlier than the table nor later than the maximum",
        arguments: [
            ("0", 300), ("299", 300), ("301", 301), ("3600", 3600), ("3601", 3600), ("99999999999999999999", 3600),
            ("soon", 300), ("-5", 300), ("Tue, 14 Nov 2023 22:23:20 GMT", 600), ("Tue, 14 Nov 2023 22:13:20 GMT", 300),
        ])
    func retryAfter(value: String, seconds: Int64) throws {
        #expect(try decide(FlowWorld().answered(503, retryAfter: value)) == retry(afterSeconds: seconds))
    }

    @Test("A 429 is repeated when it says when to come again, and else not")
    func tooManyRequests() throws {
        let world = FlowWorld()

        #expect(try decide(world.answered(429)) == .finish)
        #expect(try decide(world.answered(429, retryAfter: "later")) == .finish)
        #expect(try decide(world.answered(429, retryAfter: "900")) == retry(afterSeconds: 900))
        #expect(try decide(world.answered(429, retryAfter: "1")) == retry(afterSeconds: 300))
        #expect(
            try decide(world.answered(429, retryAfter: "1", number: 4))
                == .giveUp(reason: "attempt 4 of 4 failed: 429"))
        #expect(try decide(world.answered(410, retryAfter: "1")) == .finish)
        #expect(try decide(world.answered(404, retryAfter: "1")) == .finish)
    }

    @Test("A table longer than the maximum of Retry-After stays as it is")
    func longTable() throws {
        let slow = RetryPolicy(delays: [.seconds(7200)], maximumRetryAfter: .seconds(60))

        #expect(try decide(FlowWorld().answered(503, retryAfter: "9000"), slow) == retry(afterSeconds: 7200))
    }

    @Test("Senseless settings stay within the calendar")
    func extremes() throws {
        let endless = RetryPolicy(
            delays: [.seconds(Int64.max)], jitterPercent: .max, maximumRetryAfter: .seconds(Int64.max))
        let backwards = RetryPolicy(
            delays: [.seconds(-900)], jitterPercent: -50, maximumRetryAfter: .seconds(-1))

        #expect(try decide(FlowWorld().answered(503), endless, fraction: 1) == retry(afterSeconds: 630_720_000))
        #expect(
            try decide(FlowWorld().answered(503, retryAfter: "5"), backwards, fraction: 1) == retry(afterSeconds: 0))
    }
}
