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
        #expect(Organization.Status.allCases.map(\.name) == ["active", "pending_deletion", "deletion_in_progress"])
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
}
