import Model
import Testing

@Suite struct ValueTests {
    @Test func statusesHaveTheOriginalsNumbersAndNames() {
        #expect(
            SentryApp.Status.allCases.map(\.name) == [
                "unpublished", "published", "internal", "publish_request_inprogress", "deletion_in_progress",
            ])
        #expect(SentryApp.Status.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
        #expect(SentryApp.Status.allCases.allSatisfy { SentryApp.Status(name: $0.name) == $0 })
        #expect(SentryApp.Status(name: "publishd") == nil)
        #expect(
            Organization.Status.allCases.map(\.name) == [
                "active", "pending_deletion", "deletion_in_progress", "relocation_pending_approval",
            ])
        #expect(Installation.Status.allCases.map(\.name) == ["pending", "installed"])
    }

    @Test(arguments: [
        (String(repeating: "a", count: 64), true), (String(repeating: "0", count: 64), true),
        (String(repeating: "a", count: 63), false), (String(repeating: "a", count: 65), false),
        (String(repeating: "A", count: 64), false), (String(repeating: "g", count: 64), false),
        (String(repeating: "é", count: 32), false), ("", false),
    ])
    func aTokensDigestIs64LowerCaseHexadecimalDigits(text: String, isDigest: Bool) {
        #expect((TokenDigest(rawValue: text) != nil) == isDigest)
    }

    @Test(arguments: [
        (0, "success", "0 successes"), (1, "success", "1 success"), (2, "success", "2 successes"),
        (3, "audit entry", "3 audit entries"), (0, "day", "0 days"), (2, "dead letter", "2 dead letters"),
        (2, "match", "2 matches"), (2, "mailbox", "2 mailboxes"),
    ])
    func aCountIsFollowedByTheRightPlural(count: Int, noun: String, text: String) {
        #expect(count.counted(noun) == text)
    }
}
