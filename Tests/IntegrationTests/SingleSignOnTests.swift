import TestSupport
import Testing

/// The shipped site for a single sign-on: only a name that the sign-on itself gave counts.
@Suite(.serialized)
struct SingleSignOnTests {
    @Test func theNameComesFromTheSignOn() throws {
        let site = try ServerFixture(signIn: .singleSignOn)
        try site.addRow()
        let client = try site.client()

        let owner = try client.send("GET", ServerFixture.log, headers: [("Cookie", "session=\(ServerFixture.owner)")])
        let outsider = try client.send(
            "GET", ServerFixture.log, headers: [("Cookie", "session=\(ServerFixture.outsider)")])
        let unknown = try client.send("GET", ServerFixture.log, headers: [("Cookie", "session=stranger@else.test")])

        #expect(owner.status == 200)
        #expect(owner.json?.elements.count == 1)
        #expect(outsider.status == 403)
        #expect(unknown.status == 401)
    }

    @Test func aSessionWithoutANameAndNoSessionAreRefused() throws {
        let site = try ServerFixture(signIn: .singleSignOn)
        try site.addRow()
        let client = try site.client()

        for cookie in ["session=nobody", "other=1", "session="] {
            for forgery in [[]] + SpoofingTests.forgeries {
                let answer = try client.send("GET", ServerFixture.log, headers: [("Cookie", cookie)] + forgery)

                #expect(answer.status == 401, "\(cookie) \(forgery)")
                #expect(answer.text == #"{"detail":"Authentication credentials were not provided."}"#)
            }
        }
    }

    @Test func headersOfTheClientDoNotReplaceTheSignOnsName() throws {
        let site = try ServerFixture(signIn: .singleSignOn)
        try site.addRow()
        let client = try site.client()

        for forgery in SpoofingTests.forgeries {
            let answer = try client.send(
                "GET", ServerFixture.log, headers: [("Cookie", "session=\(ServerFixture.outsider)")] + forgery)

            #expect(answer.status == 403, "\(forgery)")
        }
    }

    @Test func aTokenNeedsNoSessionAndABasicHeaderIsNone() throws {
        let site = try ServerFixture(signIn: .singleSignOn)
        try site.addRow()
        let client = try site.client()

        let token = try client.send(
            "GET", ServerFixture.log, headers: [("Authorization", "Bearer \(ServerFixture.token)")])
        let wrong = try client.send("GET", ServerFixture.log, headers: [("Authorization", "Bearer nonsense")])
        let basic = try client.send("GET", ServerFixture.log, basic: "\(ServerFixture.owner):\(ServerFixture.password)")

        #expect(token.status == 200)
        #expect(wrong.status == 401)
        #expect(basic.status == 401)
    }
}
