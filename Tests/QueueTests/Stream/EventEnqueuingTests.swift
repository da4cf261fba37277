import Model
import Queue
import Testing
import WireJSON

/// Idempotency keys and their scopes.
@Suite struct IdempotencyKeyTests {
    @Test func theSameKeyInAnotherScopeIsAnother() {
        let id = String(repeating: "0", count: 32)
        let scopes: [IdempotencyKey.Scope] = [
            .installation(id: 1), .installation(id: 11), .redelivery(of: id),
            .testEvent(installationID: 1, "issue.created"),
            .testEvent(installationID: 1, "issue.resolved"),
        ]
        let texts = scopes.compactMap { IdempotencyKey("1:key", scope: $0)?.text }

        #expect(
            texts == [
                "1:1:key", "11:1:key", "\(id):1:key", "test-1-issue.created:1:key", "test-1-issue.resolved:1:key",
            ])
    }

    @Test(arguments: ["", "a\u{7F}", "a\tb", "a\nb", "é", "\u{FFFD}", String(repeating: "k", count: 256)])
    func keysThatAreTooLongOrNotPrintableAreInvalid(_ text: String) {
        #expect(IdempotencyKey(text, scope: .installation(id: 1)) == nil)
    }

    @Test func theLongestKeyOfTheLongestScopeIsShortEnoughForTheQueue() throws {
        let longest = String(repeating: "~", count: IdempotencyKey.maximumBytes)
        for scope in [
            IdempotencyKey.Scope.installation(id: .max), .redelivery(of: String(repeating: "f", count: 32)),
            .testEvent(installationID: .max, "installation.created"),
        ] {
            let key = try #require(IdempotencyKey(longest, scope: scope))

            #expect(key.text.utf8.count <= DeliveryQueue.maximumIdempotencyKeyBytes)
        }
    }

    @Test func idsAreHexadecimalAndDiffer() {
        let ids = (0..<100).map { _ in EventIDSource.random.next() }

        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy(QueueEntry.isID))
    }
}

/// The payload of a queue entry is read as it was written.
@Suite struct QueuedEventTests {
    @Test func everyFieldIsReadAsItWasWritten() throws {
        let data = try JSONValue(parsing: #"{"issue":{"id":"1","n":1e400,"title":"Ümläut \u2028"},"list":[null,true]}"#)
        let actor = try JSONValue(parsing: #"{"type":"user","id":7,"name":"Ann"}"#)
        let full = QueuedEvent(
            event: "issue.created", installationUUID: "abc", projectID: 5, data: data, actor: actor, originalID: "o")
        let small = QueuedEvent(event: "issue.created", installationUUID: "abc", data: .object([]))

        #expect(QueuedEvent(bytes: full.bytes) == full)
        #expect(QueuedEvent(bytes: small.bytes) == small)
        #expect(small.bytes == Array(#"{"event":"issue.created","installation":"abc","data":{}}"#.utf8))
    }

    @Test(arguments: [
        "", "[]", "{}", "{", #"{"event":"a.b","data":{}}"#, #"{"event":"a.b","installation":1,"data":{}}"#,
    ])
    func anythingElseIsNoEvent(_ text: String) {
        #expect(QueuedEvent(bytes: Array(text.utf8)) == nil)
    }

    @Test(arguments: ["é", "日", "🐌", "a"])
    func anEventOfAnyLanguageFitsIntoThePayloadOfItsLimit(_ character: String) throws {
        let body = #"{"title":"\#(String(repeating: character, count: 100_000))"}"#
        let event = QueuedEvent(event: "a.b", installationUUID: "u", data: try JSONValue(parsing: body))

        let limit = DeliveryQueueSettings.maximumPayloadBytes(forEventBytes: body.utf8.count)
        #expect(event.bytes.count <= limit)
        #expect(event.bytes.allSatisfy { $0 < 0x80 })
    }

    @Test func anEventOfMoreThanAMegabyteIsReadToo() throws {
        let data = JSONValue.object([.init(name: "a", value: .string(String(repeating: "x", count: 2 << 20)))])
        let event = QueuedEvent(event: "a.b", installationUUID: "u", data: data)

        #expect(QueuedEvent(bytes: event.bytes) == event)
    }
}
