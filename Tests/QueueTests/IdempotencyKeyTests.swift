import Model
import Queue
import Testing

/// Keys of callers, kept apart by what they are for.
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
    func whatIsNotPrintableOrTooLongIsNoKey(_ text: String) {
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
