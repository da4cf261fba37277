import Model
import Queue
import Redis
import TestSupport
import Testing

@Suite struct RelayTargetStatesTests {
    let server: RedisServer
    let states: RelayTargetStates
    private let ci = WebhookDestination(appID: 7, target: "ci")
    private let disabling = TargetDisabling(date: testNow, reason: "failed: for 7 days")

    init() throws {
        server = try RedisServer()
        states = RelayTargetStates(connection: try server.connection())
    }

    @Test func theFirstDisablingStaysUntilTheTargetIsEnabled() throws {
        let first = try states.disable(ci, disabling)
        let second = try states.disable(ci, TargetDisabling(date: testNow.adding(seconds: 1), reason: "again"))
        let disabled = try states.disabled(appID: 7)
        let other = try states.disabled(appID: 8)
        let enabled = try states.enable(ci)
        let again = try states.enable(ci)

        #expect(first && !second)
        #expect(disabled == ["ci": disabling] && other.isEmpty)
        #expect(enabled && !again)
        #expect(try states.disabled(appID: 7).isEmpty)
    }

    @Test func enablingForgetsTheFailuresOfTheTargetAlone() throws {
        let windows = FailureWindows(connection: try server.connection())
        let app = WebhookDestination(appID: 7)
        for destination in [ci, app] {
            _ = try windows.record([
                WindowOutcome(destination, kind: .failure, date: testNow, eventID: QueueEntry.sampleID(1))
            ])
        }

        _ = try states.enable(ci)

        #expect(try windows.window(of: ci) == FailureWindow())
        #expect(try windows.window(of: app).failures != nil)
    }

    @Test func noticesStayUntilTheyAreRemoved() throws {
        let notice = TargetNotice(destination: ci, disabling: disabling)
        try states.add(notice)
        try server.command("HSET", "hookline:targets-disabled", "7", "1:x")
        try server.command("HSET", "hookline:targets-disabled", "7:web", "soon")

        #expect(try states.notices() == [notice])
        #expect(try server.integer("HLEN", "hookline:targets-disabled") == 1)
        try states.removeNotice(ci)
        #expect(try states.notices().isEmpty)
    }

    /// Somebody wanted it to be disabled, whatever became of the note.
    @Test func aTargetWhoseNoteIsDamagedIsDisabled() throws {
        try server.command("HSET", "hookline:{app:7}:targets", "ci", "soon")

        #expect(try states.disabled(appID: 7).keys.sorted() == ["ci"])
    }

    @Test func aReceivedWebhookIsNotedOnceASecond() throws {
        try states.noteReceived(appID: 7, at: testNow)
        try states.noteReceived(appID: 7, at: Timestamp(microseconds: testNow.microseconds + 999_999))
        #expect(try states.lastReceived(appID: 7) == testNow)
        try states.noteReceived(appID: 7, at: testNow.adding(seconds: 1))

        #expect(try states.lastReceived(appID: 7) == testNow.adding(seconds: 1))
        #expect(try states.lastReceived(appID: 8) == nil)
    }

    /// A relay changes nothing that the original reads.
    @Test func breakersOfTargetsHaveKeysOfTheirOwn() throws {
        let breakers = CircuitBreakers(
            connection: try server.connection(),
            settings: CircuitBreakerSettings(floor: 1))

        let opened = try breakers.record([CircuitTally(.target(ci), errors: 5)], at: testNow)

        #expect(opened.keys.first == .target(ci))
        #expect(try breakers.states(of: [.target(ci), "ci"], at: testNow).map(\.isOpen) == [true, false])
        #expect(try breakers.claimMail(.target(ci)))
        let keys = try server.command("KEYS", "*")
        #expect(keys.contains("hookline:{app:7}:target:ci:breaker"))
        #expect(!keys.contains("sentry") && !keys.contains("sliding"))
    }
}

extension RelayTargetStatesTests {
    /// Read once a second, and by another connection at once.
    @Test func whatWasReadASecondAgoIsNotReadAgain() throws {
        let before = try states.recentlyDisabled(appID: 7)
        try server.command("HSET", "hookline:{app:7}:targets", "ci", "1:x")
        let remembered = try states.recentlyDisabled(appID: 7)
        let other = try RelayTargetStates(connection: try server.connection()).recentlyDisabled(appID: 7)

        #expect(before.isEmpty && remembered.isEmpty && other == ["ci"])
        try waitUntil("it is read again") { try states.recentlyDisabled(appID: 7) == ["ci"] }
    }
}
