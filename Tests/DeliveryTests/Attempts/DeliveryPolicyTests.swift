import Buffer
import Delivery
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

/// The table of docs/delivery.md: what becomes of an attempt under each policy.
@Suite
struct DeliveryPolicyTests {
    private let standard = DeliveryPolicy.standard
    private let sentry = DeliveryPolicy.sentry

    private func retry(afterSeconds seconds: Int64) -> RetryDecision {
        .retry(at: WebhookFixture.now.adding(seconds: seconds))
    }

    @Test(arguments: SentryApp.Status.allCases)
    func theStandardPolicyRetriesEveryAppUnlessTheResponseIs2xxOr410(_ appStatus: SentryApp.Status) throws {
        let fixture = WebhookFixture(status: appStatus)

        for status in [100, 199, 200, 204, 299, 300, 301, 302, 304, 308, 399, 400, 404, 410, 413, 429, 499, 500, 600] {
            let decision = standard.retry.decision(for: try fixture.responded(status), randomFraction: 0)

            let isFinal = (200..<300).contains(status) || status == 410
            #expect(decision == (isFinal ? .finish : retry(afterSeconds: 5)), "\(status)")
        }
    }

    @Test(arguments: SendFailure.allCases)
    func theStandardPolicyLosesNoFailedEvent(_ failure: SendFailure) throws {
        let attempt = try WebhookFixture(status: .internal).attempt(.failed(failure, detail: "x"))

        let expected: RetryDecision =
            switch failure {
            case .timeout, .connection, .dns, .tls, .protocol, .proxy, .internal: retry(afterSeconds: 5)
            case .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader:
                .giveUp(reason: "not retried: \(failure.rawValue)")
            case .cancelled, .leaseLost: .putBack
            case .breakerOpen: .hold(until: attempt.date)
            }
        #expect(standard.retry.decision(for: attempt, randomFraction: 0) == expected)
    }

    @Test func theStandardPolicyRetriesForTwentyHoursAndThenGivesUp() throws {
        let fixture = WebhookFixture(status: .internal)

        let decisions = try (1...8).map {
            standard.retry.decision(for: try fixture.responded(302, number: $0), randomFraction: 0)
        }

        let delays: [Int64] = [5, 60, 300, 1800, 7200, 21600, 43200]
        #expect(
            decisions == delays.map { retry(afterSeconds: $0) } + [.giveUp(reason: "attempt 8 of 8 failed: 302")])
    }

    @Test(arguments: [(0.0, 0), (0.5, 150), (1.0, 300), (2.0, 300), (-1.0, 0)] as [(Double, Int64)])
    func jitterIsAtMostATenthOfTheDelay(_ fraction: Double, _ milliseconds: Int64) throws {
        let policy = RetryPolicy(delays: [.seconds(3)], apps: .all, responses: .failures)

        let decision = policy.decision(for: try WebhookFixture().responded(500), randomFraction: fraction)

        #expect(
            decision
                == .retry(
                    at: Timestamp(microseconds: WebhookFixture.now.microseconds + 3_000_000 + milliseconds * 1000)))
    }

    @Test(arguments: [300, 302, 400, 404, 429, 500, 503])
    func theStandardPolicyHonorsRetryAfterOfEveryFailureWithinBounds(_ status: Int) throws {
        let fixture = WebhookFixture(status: .internal)
        for (value, seconds) in [("1", 5), ("6", 6), ("3600", 3600), ("90000", 3600), ("soon", 5)] as [(String, Int64)]
        {
            let attempt = try fixture.responded(status, retryAfter: value)

            #expect(
                standard.retry.decision(for: attempt, randomFraction: 0) == retry(afterSeconds: seconds), "\(value)")
        }
    }

    @Test func the3xxRowHasItsReasonUnderBothPoliciesAndIsAnErrorOnlyUnderStandard() throws {
        let redirect = try WebhookFixture().responded(302)

        let original = WebhookRequestRecord(redirect, errorList: sentry.errorList)
        let listed = WebhookRequestRecord(redirect, errorList: standard.errorList)

        #expect(original.reason == "redirect" && listed.reason == "redirect")
        #expect(!original.isError && listed.isError)
        #expect(sentry.retry.decision(for: redirect, randomFraction: 0) == .finish)
        #expect(redirect.hasFailed && redirect.countedAs == nil)
    }

    @Test(arguments: [(199, true), (200, false), (299, false), (399, true), (404, true), (600, true)])
    func theStandardListOfErrorsIsEverythingBut2xx(_ status: Int, _ isError: Bool) throws {
        #expect(WebhookRequestRecord(try WebhookFixture().responded(status), errorList: .failures).isError == isError)
    }

    @Test func theSentryPolicyIsTheOriginals() {
        #expect(sentry.retry == RetryPolicy())
        #expect(sentry.retry.delays == Array(repeating: .seconds(300), count: 3))
        #expect(sentry.retry.apps == .published && sentry.retry.responses == .serverErrors)
        #expect(!sentry.retry.keepsFinalFailures)
        #expect(sentry.autoDisable == AutoDisableSettings())
        #expect(sentry.autoDisable.apps == .internal && sentry.autoDisable.warningPercents.isEmpty)
        #expect(sentry.autoDisable.rule == .daily(AutoDisableRule(timeoutThreshold: 1000, dayCount: 7)))
    }

    @Test(arguments: [
        (SendResult.Outcome.response(ReceivedResponse(status: 204)), WindowOutcome.Kind?.some(.success)),
        (.response(ReceivedResponse(status: 302)), .failure), (.response(ReceivedResponse(status: 404)), .failure),
        (.response(ReceivedResponse(status: 429)), .failure), (.response(ReceivedResponse(status: 500)), .failure),
        (.failed(.timeout, detail: ""), .timeout), (.failed(.connection, detail: ""), .timeout),
        (.failed(.blockedAddress, detail: ""), .failure), (.failed(.invalidHeader, detail: ""), .failure),
        (.failed(.proxy, detail: ""), nil), (.failed(.internal, detail: ""), nil),
        (.failed(.cancelled, detail: ""), nil), (.failed(.leaseLost, detail: ""), nil),
        (.failed(.bodyTooLarge, detail: ""), nil),
    ])
    func ourOwnCountersTreatEverythingButA2xxAsAFailure(_ outcome: SendResult.Outcome, _ kind: WindowOutcome.Kind?)
        throws
    {
        #expect(try WebhookFixture().attempt(outcome).windowOutcome?.kind == kind)
    }

    @Test func aRedeliveryIsTheSameEventAsItsOriginal() throws {
        let original = String(repeating: "b", count: 32)

        let attempt = try WebhookFixture().attempt(.failed(.timeout, detail: ""), originalID: original)

        #expect(attempt.windowOutcome?.eventID == original)
    }
}
