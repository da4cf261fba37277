import Handlers
import Model
import Testing

@testable import ResponderSupport

/// The headers that only sessions need.
@Suite
struct SessionParameterTests {
    private static let entries = [
        "REQUEST_METHOD=GET", "REQUEST_URI=/", "REMOTE_ADDR=203.0.113.9", "HTTP_COOKIE=sentrysid=x; sc=y",
        "HTTP_X_CSRFTOKEN=z",
    ]

    private func request(_ entries: [String], readsSessions: Bool) throws -> Request {
        try withParameters(entries) { table in
            Result { () throws(RequestRefusal) in
                try RequestHead(
                    table, limits: RequestLimits(), requestID: "made-here", readsSessions: readsSessions
                ).request
            }
        }.get()
    }

    @Test func areReadWhereSessionsAreRecognized() throws {
        let request = try request(Self.entries, readsSessions: true)

        #expect(request.cookie?.exposed == "sentrysid=x; sc=y")
        #expect(request.csrfToken?.exposed == "z")
        #expect(request.remoteAddress == "203.0.113.9")
    }

    @Test func stayWithTheRequestWhenItsBodyArrives() throws {
        let request = try request(Self.entries, readsSessions: true).with(body: [1])

        #expect(request.body == [1])
        #expect(request.cookie?.exposed == "sentrysid=x; sc=y")
        #expect(request.csrfToken?.exposed == "z")
        #expect(request.remoteAddress == "203.0.113.9")
    }

    @Test func areNotReadElsewhere() throws {
        let request = try request(Self.entries, readsSessions: false)

        #expect(request.cookie == nil && request.csrfToken == nil && request.remoteAddress == nil)
    }

    @Test func mayBeAbsentOrNoText() throws {
        #expect(try request(["REQUEST_METHOD=GET", "REQUEST_URI=/"], readsSessions: true).cookie == nil)
        #expect(
            try request(Array(Self.entries.prefix(2)) + ["HTTP_COOKIE="], readsSessions: true).cookie?.exposed == "")
    }
}
