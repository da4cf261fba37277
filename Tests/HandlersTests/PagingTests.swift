import Model
import TestSupport
import Testing

@testable import Handlers

/// Deviation D9: the newer request log starts thirty days before the moment of asking, and can be paged.
@Suite struct PagingTests {
    private let path = "pub-app/webhook-requests/"

    private func fixtureWithRows(_ count: Int) -> HandlersFixture {
        let fixture = HandlersFixture()
        for index in 0..<count { fixture.store(200 + index, date: "2023-07-20 11:00:\(10 + index)+00:00") }
        return fixture
    }

    private func codes(_ response: Response) -> [Int64?]? {
        response.json?.elements.map { $0["responseCode"].integer }
    }

    @Test func d9TheDefaultStartMovesWithTheClock() {
        var fixture = HandlersFixture()
        fixture.store(200, date: "2023-06-20 12:00:00+00:00")
        fixture.store(201, date: "2023-06-20 12:00:01+00:00")

        #expect(codes(fixture.get(path)) == [201])

        fixture.clock = .frozen(at: HandlersFixture.now.adding(seconds: 1))
        #expect(codes(fixture.get(path)) == [])
    }

    @Test func d9AnEndBeforeTheDefaultStartIsRefused() {
        let response = HandlersFixture().get(path, "end=2023-06-01T00:00:00Z")

        #expect(response.status == 400)
        #expect(response.text == #"{"non_field_errors":["Invalid timestamp (start must be before end)."]}"#)
    }

    @Test func d9WithoutParametersThereIsOneArrayAndNoLink() {
        let response = fixtureWithRows(5).get(path)

        #expect(codes(response)?.count == 5)
        #expect(response.header("Link") == nil)
    }

    @Test func d9PagesAreSlicesOfThatArray() {
        let fixture = fixtureWithRows(5)

        #expect(codes(fixture.get(path, "per_page=2")) == [204, 203])
        #expect(codes(fixture.get(path, "per_page=2&cursor=0:2:0")) == [202, 201])
        #expect(codes(fixture.get(path, "per_page=2&cursor=0:4:0")) == [200])
        #expect(codes(fixture.get(path, "per_page=2&cursor=0:2:1")) == [202, 201])
        #expect(codes(fixture.get(path, "cursor=0:3:0")) == [201, 200])
        #expect(codes(fixture.get(path, "cursor=0:9223372036854775807:0")) == [])
    }

    @Test func d9TheLinkHeaderNamesBothNeighbours() {
        let request = Request(
            method: "GET", path: .encoded("/api/0/sentry-apps/pub-app/webhook-requests/"),
            query: "eventType=issue.assigned&per_page=2&cursor=0%3A2%3A0&x=a+b%26", remoteUser: HandlersFixture.owner,
            host: "log.example.test:8443")
        let base =
            "https://log.example.test:8443/api/0/sentry-apps/pub-app/webhook-requests/"
            + "?eventType=issue.assigned&per_page=2&x=a+b%26"

        let link = fixtureWithRows(5).send(request).header("Link")

        #expect(
            link
                == "<\(base)&cursor=0:0:1>; rel=\"previous\"; results=\"true\"; cursor=\"0:0:1\", "
                + "<\(base)&cursor=0:4:0>; rel=\"next\"; results=\"true\"; cursor=\"0:4:0\"")
    }

    @Test func d9TheLinkHeaderSaysWhereTheListEnds() {
        let fixture = fixtureWithRows(4)

        let first = fixture.get(path, "per_page=2").header("Link") ?? ""
        let last = fixture.get(path, "per_page=2&cursor=0:2:0").header("Link") ?? ""
        let behind = fixture.get(path, "per_page=2&cursor=0:9:0").header("Link") ?? ""

        #expect(first.contains(#"rel="previous"; results="false""#))
        #expect(first.contains(#"rel="next"; results="true"; cursor="0:2:0""#))
        #expect(last.contains(#"rel="previous"; results="true""#))
        #expect(last.contains(#"rel="next"; results="false""#))
        #expect(behind.contains(#"rel="next"; results="false""#))
    }

    @Test(arguments: ["pub-app/webhook-requests/", ""])
    func aLinkHasAMaximumLengthBeyondWhichTheQueryIsTooLong(_ path: String) throws {
        let fixture = fixtureWithRows(5)
        let empty = try #require(fixture.get(path, "per_page=2&x=").header("Link"))
        // Both addresses repeat the value.
        let room = (Paging.maximumLinkBytes - empty.utf8.count) / 2

        let longest = fixture.get(path, "per_page=2&x=" + String(repeating: "a", count: room))
        let longer = fixture.get(path, "per_page=2&x=" + String(repeating: "a", count: room + 1))
        let encoded = fixture.get(path, "per_page=2&x=" + String(repeating: "!", count: room / 3 + 1))

        #expect(longest.status == 200)
        #expect(longest.header("Link")?.utf8.count ?? 0 > Paging.maximumLinkBytes - 2)
        for response in [longer, encoded] {
            #expect(response.status == 414)
            #expect(response.header("Link") == nil)
            #expect(
                response.detail
                    == "The query string is too long for the links of a page: the limit of both together is 7168 bytes."
            )
        }
    }

    @Test(arguments: ["evil.test\r\nX: y", "a b", "<a>", "a\"b", ""])
    func aHostThatHasNoPlaceInAnAddressIsLeftOut(_ host: String) {
        let request = Request(
            method: "GET", path: .encoded("/api/0/sentry-apps/pub-app/webhook-requests/"), query: "per_page=2",
            remoteUser: HandlersFixture.owner, host: host)

        let link = HandlersFixture().send(request).header("Link") ?? ""

        #expect(link.hasPrefix("</api/0/sentry-apps/pub-app/webhook-requests/?per_page=2&cursor=0:0:1>"))
    }

    @Test(arguments: [
        ("per_page=x", "Invalid per_page parameter."), ("per_page=", "Invalid per_page parameter."),
        ("per_page=0", "Invalid per_page value. Must be between 1 and 100."),
        ("per_page=101", "Invalid per_page value. Must be between 1 and 100."),
        ("per_page=-1", "Invalid per_page value. Must be between 1 and 100."),
        ("cursor=x", "Invalid cursor parameter."), ("cursor=0:-1:0", "Invalid cursor parameter."),
        ("cursor=0:0", "Invalid cursor parameter."), ("cursor=0:0:2", "Invalid cursor parameter."),
        ("cursor=0:99999999999999999999:0", "Invalid cursor parameter."),
    ])
    func wrongPagesAreRefused(_ query: String, _ detail: String) {
        let response = HandlersFixture().get(path, query)

        #expect(response.status == 400)
        #expect(response.detail == detail)
    }

    @Test(arguments: [("per_page=1", 1), ("per_page=100", 5)])
    func theSmallestAndTheLargestPageAreAccepted(_ query: String, _ count: Int) {
        #expect(codes(fixtureWithRows(5).get(path, query))?.count == count)
    }
}
