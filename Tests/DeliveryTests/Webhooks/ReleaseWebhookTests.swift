import Buffer
import Delivery
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// Sending by the rules of the releases from 23.7 to 26.9. The number in a name is that of the fact in docs/protocol.md
/// 11.1.
@Suite struct ReleaseWebhookTests {
    private static let newest = ProtocolRules(ProtocolRelease.known.upperBound)

    private func fixture(_ release: String = "26.9", events: [String] = ["issue.created"]) throws -> WebhookFixture {
        var fixture = WebhookFixture(events: events)
        fixture.settings.protocolChoice = .release(try ProtocolRelease(parsing: release))
        return fixture
    }

    // MARK: Idempotency-Key

    /// The first 32 digits of the SHA-256 of `0123456789abcdef0123456789abcdef:installation:7`.
    private let key = "d3223e7e55d9d11ff3177ce659eee56f"

    @Test func fact27TheKeyStandsBehindTheSignatureAndIsTheSameForEachAttempt() throws {
        let fixture = try fixture()
        let event = try fixture.event()

        let first = try fixture.webhook(event)
        let third = try fixture.webhook(event, attempt: 3)

        #expect(
            first.headers.map(\.name).prefix(6) == [
                "Content-Type", "Request-ID", "Sentry-Hook-Resource", "Sentry-Hook-Timestamp",
                "Sentry-Hook-Signature", "Idempotency-Key",
            ])
        #expect(first.header("Idempotency-Key") == key)
        #expect(first.idempotencyKey == key)
        #expect(third.header("Idempotency-Key") == key)
        #expect(first.header("Request-ID") == third.header("Request-ID"))
    }

    @Test func fact27ARedeliveryIsAnotherEventAndAnotherInstallationAnotherDelivery() {
        let other = String(repeating: "f", count: 32)

        #expect(WebhookIdempotency.key(ofEvent: WebhookFixture.requestID, installationID: 7) == key)
        #expect(WebhookIdempotency.key(ofEvent: other, installationID: 7) != key)
        #expect(WebhookIdempotency.key(ofEvent: WebhookFixture.requestID, installationID: 8) != key)
    }

    @Test func fact27BeforeItThereIsNoKeyAndTheOwnersIsSent() throws {
        for (release, value) in [("26.8", "mine"), ("26.9", key)] {
            var fixture = try fixture(release)
            fixture.app.customHeaders = [.init(name: "idempotency-KEY", value: Secret("mine"))]

            let values = try fixture.webhook().headers.filter { $0.name.lowercased() == "idempotency-key" }.map(\.value)
            #expect(values == [value])
        }
        #expect(try fixture("26.8").webhook().idempotencyKey == nil)
    }

    // MARK: Rows

    @Test func fact22TheRowHasTheKeyAndTheSubjectOnlyInReleasesWithThem() throws {
        let new = WebhookRequestRecord(try fixture().responded(500))
        let old = WebhookRequestRecord(try fixture("26.8").responded(500))

        #expect(new.idempotencyKey == key)
        #expect(new.subject == WebhookSubject(type: "group", id: "1"))
        #expect(old.idempotencyKey == nil)
        #expect(old.subject == nil)
    }

    @Test(arguments: SendFailure.allCases)
    func fact23TimeoutsAndHeldEventsHaveCode0TheOthersMinus1(failure: SendFailure) throws {
        let record = WebhookRequestRecord(try fixture().attempt(.failed(failure, detail: "")))

        #expect(record.responseCode == ([.timeout, .breakerOpen].contains(failure) ? 0 : -1))
        #expect(record.reason == failure.rawValue)
        #expect(record.isError == ![.leaseLost, .breakerOpen].contains(failure))
        let before = WebhookRequestRecord(try fixture("26.8").attempt(.failed(failure, detail: "")))
        #expect(before.responseCode == 0)
    }

    @Test func fact22TheDurationIsThatToTheHeadersAndAbsentWhereTheConnectionFailed() throws {
        func durations(_ release: String) throws -> [Int?] {
            let fixture = try fixture(release)
            var answered = try fixture.responded(200)
            answered.result.timings.firstByte = 9_700
            let failed = try [SendFailure.timeout, .connection].map { try fixture.attempt(.failed($0, detail: "")) }
            return ([answered] + failed).map { WebhookRequestRecord($0).durationMilliseconds }
        }

        #expect(try durations("26.9") == [9, 12, nil])
        #expect(try durations("26.8") == [12, 12, 12])
    }

    // MARK: Retries

    @Test(arguments: [(500, true), (502, true), (503, false), (504, false), (505, true), (599, true), (404, false)])
    func fact27OutagesAreNotRetriedByTheNewestRelease(status: Int, isRetried: Bool) throws {
        let attempt = try WebhookFixture().responded(status)
        let newest = DeliveryPolicy.sentry.under(Self.newest).retry
        let before = DeliveryPolicy.sentry.under(ProtocolRules(try ProtocolRelease(parsing: "26.8"))).retry

        #expect((newest.decision(for: attempt, randomFraction: 0) != .finish) == isRetried)
        #expect((before.decision(for: attempt, randomFraction: 0) != .finish) == (status >= 500))
        #expect(DeliveryPolicy.standard.under(Self.newest) == .standard, "Standard Webhooks has its own rules")
    }

    @Test func fact27AReceiverThatIsOverloadedIsStillAskedAgainAndABlockedAddressNever() throws {
        let policy = DeliveryPolicy.sentry.under(Self.newest).retry

        let limited = try WebhookFixture().responded(429, retryAfter: "600")
        let blocked = try WebhookFixture().attempt(.failed(.blockedAddress, detail: ""))

        #expect(policy.decision(for: limited, randomFraction: 0) == .retry(at: WebhookFixture.now.adding(seconds: 600)))
        #expect(policy.decision(for: blocked, randomFraction: 0) == .finish)
    }

    // MARK: The release of the directory's tables

    @Test func underAutoAnUpgradeOfTheOriginalChangesTheNextWebhook() throws {
        var fixture = WebhookFixture()
        fixture.settings.protocolChoice = .auto
        var directory = MemoryDirectory()
        (directory.apps, directory.installations) = ([fixture.app], [fixture.installation])
        directory.serviceHooks = fixture.hooks
        let planner = WebhookPlanner(directory: directory, settings: fixture.settings, signing: SecretSigning())
        func rules() throws -> ProtocolRules? {
            let plan = try planner.plan(fixture.entry(fixture.event()), now: WebhookFixture.now)
            guard case .send(let webhook) = plan else { return nil }
            #expect((webhook.idempotencyKey == nil) != webhook.rules.includes(.idempotencyKey))
            return webhook.rules
        }

        #expect(try rules() == .default)
        let installed = try ProtocolRelease(parsing: "25.3")...ProtocolRelease(parsing: "26.4")
        try directory.becomeTables(of: installed)
        #expect(try rules() == ProtocolRules(anyOf: installed))
        try directory.becomeTables(of: ProtocolRelease.known.upperBound...ProtocolRelease.known.upperBound)
        #expect(try rules() == Self.newest)
    }

    // MARK: Headers that cannot be read

    @Test func withoutItsOwnersHeadersAnAppGetsNothing() throws {
        var fixture = try fixture()
        fixture.app.headerProblem = "has a webhook header that cannot be decrypted"

        guard case .refuse(let reason) = try fixture.plan(fixture.event()) else {
            throw TestSupportError("the event is not refused")
        }
        #expect(reason == "the app tracker has a webhook header that cannot be decrypted")
        // What it does not subscribe to is none of its events.
        #expect(try dropReason(fixture, fixture.event("comment.created")) == .notSubscribed)
    }

    /// An empty secret in place of a damaged one would have dropped it.
    @Test(arguments: [SentryApp.StoredSecret.clientSecret, .signingKey, .previousSecret, .header(name: "X-Tenant")])
    func withADamagedSecretAnAppGetsNothing(secret: SentryApp.StoredSecret) throws {
        var fixture = try fixture()
        fixture.app.damagedSecrets = [secret]
        if secret == .clientSecret { fixture.app.clientSecret = Secret("") }

        guard case .refuse(let reason) = try fixture.plan(fixture.event()) else {
            throw TestSupportError("the event is not refused")
        }
        #expect(reason.hasPrefix("the app tracker has secrets that are damaged in the directory (\(secret))"))
        #expect(try dropReason(fixture, fixture.event("comment.created")) == .notSubscribed)
    }

    // MARK: Subscriptions and disabled apps

    private func dropReason(_ fixture: WebhookFixture, _ event: QueuedEvent) throws -> DropReason? {
        guard case .drop(let event) = try fixture.plan(event) else { return nil }
        return event.reason
    }

    @Test(
        arguments: [
            ("26.8", "issue.ignored", nil), ("26.8", "issue.created", DropReason.notSubscribed),
            ("26.7", "issue.ignored", DropReason.notSubscribed),
        ] as [(String, String, DropReason?)])
    func fact18WhoSubscribesToArchivedIssuesGetsIgnoredOnes(release: String, event: String, reason: DropReason?) throws
    {
        var fixture = try fixture(release, events: ["issue.archived"])
        fixture.hooks[0].events = ["issue.archived"]

        #expect(try dropReason(fixture, fixture.event(event)) == reason)
    }

    @Test(
        arguments: [
            (false, "issue.created", nil), (true, "issue.created", DropReason.disabled),
            (true, "event_alert.triggered", DropReason.disabled), (true, "installation.created", nil),
            (true, "installation.deleted", nil), (false, "installation.created", nil),
        ] as [(Bool, String, DropReason?)])
    func fact15WhatThePlatformHasDisabledCountsOnlyWhereItIsEnforced(
        isEnforced: Bool, event: String, reason: DropReason?
    ) throws {
        var fixture = try fixture()
        fixture.settings.enforcesDisabling = isEnforced
        fixture.app.isDisabledByPlatform = true

        #expect(try dropReason(fixture, fixture.event(event)) == reason)
        fixture.app.isDisabledByPlatform = false
        #expect(try dropReason(fixture, fixture.event(event)) == nil)
    }
}
