import Model
import Testing

@testable import Handlers

/// Conditional requests: a client that has the response already gets 304.
@Suite struct ConditionalTests {
    @Test(arguments: ["pub-app/webhook-requests/", "pub-app/health/", ""])
    func aResponseThatTheClientHasIsNotSentAgain(_ path: String) throws {
        let fixture = HandlersFixture()
        fixture.store(404)
        let first = fixture.get(path)
        let tag = try #require(first.header("ETag"))

        let second = fixture.get(path, ifNoneMatch: "\"other\", W/\(tag)")

        #expect(first.status == 200 && !first.body.isEmpty)
        #expect(second.status == 304 && second.body.isEmpty)
        #expect(second.header("ETag") == tag)
    }

    @Test func aNewRowChangesTheTag() throws {
        let fixture = HandlersFixture()
        fixture.store(200)
        let tag = try #require(fixture.get("pub-app/webhook-requests/").header("ETag"))
        fixture.store(200, date: "2023-07-20 11:00:01.250000+00:00")

        let response = fixture.get("pub-app/webhook-requests/", ifNoneMatch: tag)

        #expect(response.status == 200)
        #expect(response.header("ETag") != tag)
    }

    @Test func aMatchingTagGrantsNoAccess() throws {
        let fixture = HandlersFixture()
        let tag = try #require(fixture.get("pub-app/webhook-requests/").header("ETag"))

        #expect(fixture.get("pub-app/webhook-requests/", ifNoneMatch: tag, as: HandlersFixture.outsider).status == 403)
        #expect(fixture.get("pub-app/webhook-requests/", ifNoneMatch: "*", as: nil).status == 401)
    }

    /// Bytes are hashed eight at a time: each must count wherever it stands, and so must the length.
    @Test func everyByteAndTheLengthCount() {
        var tags: Set<String> = []
        for count in 0...40 {
            let zeros = [UInt8](repeating: 0, count: count)
            tags.insert(EntityTag(of: zeros).text)
            for index in zeros.indices {
                for bit: UInt8 in [0x01, 0x80] {
                    var changed = zeros
                    changed[index] = bit
                    tags.insert(EntityTag(of: changed).text)
                }
            }
        }

        #expect(tags.count == 41 + 2 * (0...40).reduce(0, +))
    }

    /// A product alone carries a change of a word's highest bit nowhere, so that a second one would undo it.
    @Test func changesOfTheHighestBitsDoNotCancelOut() {
        var changed = [UInt8](repeating: 0, count: 16)
        changed[7] = 0x80
        changed[15] = 0x80

        #expect(EntityTag(of: changed).text != EntityTag(of: [UInt8](repeating: 0, count: 16)).text)
    }

    @Test func theOriginalsResponsesHaveNoTag() {
        let fixture = HandlersFixture()

        #expect(fixture.get("pub-app/requests/").header("ETag") == nil)
        #expect(fixture.get("pub-app/requests/", ifNoneMatch: "*").status == 200)
    }
}

extension HandlersFixture {
    fileprivate func get(_ path: String, ifNoneMatch: String, as user: String? = HandlersFixture.owner) -> Response {
        send(
            Request(
                method: "GET", path: .encoded("/api/0/sentry-apps/" + path), remoteUser: user,
                ifNoneMatch: ifNoneMatch))
    }
}
