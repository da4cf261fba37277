import TestSupport
import Testing

/// The shipped server for a single sign-on: only a name that the sign-on itself gave counts.
@Suite(.serialized)
struct SingleSignOnTests {
    @Test func theNameComesFromTheSignOn() throws {
        let server = try ServerFixture(signIn: .singleSignOn)
        try server.addRow()
        let client = try server.client()

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
        let server = try ServerFixture(signIn: .singleSignOn)
        try server.addRow()
        let client = try server.client()

        for cookie in ["session=nobody", "other=1", "session="] {
            for forgery in [[]] + SpoofingTests.forgeries {
                let response = try client.send("GET", ServerFixture.log, headers: [("Cookie", cookie)] + forgery)

                #expect(response.status == 401, "\(cookie) \(forgery)")
                #expect(response.text == #"{"detail":"Authentication credentials were not provided."}"#)
            }
        }
    }

    @Test func headersOfTheClientDoNotReplaceTheSignOnsName() throws {
        let server = try ServerFixture(signIn: .singleSignOn)
        try server.addRow()
        let client = try server.client()

        for forgery in SpoofingTests.forgeries {
            let response = try client.send(
                "GET", ServerFixture.log, headers: [("Cookie", "session=\(ServerFixture.outsider)")] + forgery)

            #expect(response.status == 403, "\(forgery)")
        }
    }

    @Test func aTokenNeedsNoSessionAndABasicHeaderIsNone() throws {
        let server = try ServerFixture(signIn: .singleSignOn)
        try server.addRow()
        let client = try server.client()

        let token = try client.send(
            "GET", ServerFixture.log, headers: [("Authorization", "Bearer \(ServerFixture.token)")])
        let wrong = try client.send("GET", ServerFixture.log, headers: [("Authorization", "Bearer nonsense")])
        let basic = try client.send("GET", ServerFixture.log, basic: "\(ServerFixture.owner):\(ServerFixture.password)")

        #expect(token.status == 200)
        #expect(wrong.status == 401)
        #expect(basic.status == 401)
    }
}
