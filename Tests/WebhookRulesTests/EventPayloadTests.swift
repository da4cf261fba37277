import Buffer
import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import WebhookRules

/// Reading a queue entry's payload.
@Suite
struct EventPayloadTests {
    @Test(arguments: [
        QueuedEvent(event: "issue.created", installationUUID: "a", data: .object([])),
        QueuedEvent(event: "issue.created", installationUUID: "", projectID: 0, data: .null),
        QueuedEvent(
            event: "error.created", installationUUID: "\"ü\\\n😀", projectID: Int64.max,
            data: .object([.init(name: "data", value: .array([.string("}"), .number("1")]))]),
            actor: .object([.init(name: "actor", value: .object([]))]), originalID: "o\u{301}"),
        QueuedEvent(
            event: "a.b", installationUUID: "x", projectID: -3, data: .string("\u{2028}"), actor: .bool(false)),
    ])
    func itReadsWhatTheQueuesOwnReaderReads(event: QueuedEvent) throws {
        let bytes = event.bytes
        let read = try #require(QueuedEvent(bytes: bytes))

        let payload = try #require(EventPayload(bytes))

        #expect(payload.event.rawValue == read.event)
        #expect(payload.resource + "." + payload.action == read.event)
        #expect(payload.installationUUID == read.installationUUID)
        #expect(payload.projectID == read.projectID)
        #expect(Array(bytes[payload.data]) == read.data.bytes)
        #expect(payload.actor.map { Array(bytes[$0]) } == read.actor?.bytes)
        #expect(payload.originalID == read.originalID)
    }

    @Test func anActorOfNullIsNoneLikeAProjectThatIsNoInteger() throws {
        let text = #"{"event":"a.b","installation":"x","project_id":null,"data":{},"actor":null,"original_id":null}"#

        let payload = try #require(EventPayload(Array(text.utf8)))

        #expect(payload.actor == nil)
        #expect(payload.projectID == nil)
        #expect(payload.originalID == nil)
    }

    @Test(arguments: [
        "", "{}", "[]", "null", #"{"event":"a.b","installation":"x"}"#, #"{"event":"a.b","data":{}}"#,
        #"{"installation":"x","data":{}}"#, #"{"event":1,"installation":"x","data":{}}"#,
        #"{"event":"a.b","installation":[],"data":{}}"#, #"{"event":"ab","installation":"x","data":{}}"#,
        #"{"event":"a.","installation":"x","data":{}}"#, #"{"event":"a.b","installation":"x","data":{}"#,
        #"{"event":"a.b","installation":"x","data":{}}}"#, #"["event","installation","data"]"#,
    ])
    func anythingElseIsNone(text: String) {
        #expect(EventPayload(Array(text.utf8)) == nil)
    }

    @Test func whatIsCutOffAnywhereIsNoneAndNothingTraps() {
        let bytes = QueuedEvent(
            event: "issue.created", installationUUID: "x\"y", projectID: 1, data: .object([]), actor: .object([])
        ).bytes

        for count in 0..<bytes.count { #expect(EventPayload(Array(bytes.prefix(count))) == nil) }
    }
}
