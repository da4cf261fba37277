import Handlers
import Testing

@testable import FCGIApp

@Suite("What the web server passes becomes a request")
struct RequestHeadTests {
    private func head(_ entries: [String], limits: RequestLimits = RequestLimits()) throws(RequestRefusal)
        -> RequestHead
    {
        let result = withParameters(entries) { table in
            Result { () throws(RequestRefusal) in
                try RequestHead(table, limits: limits, requestID: "made-here")
            }
        }
        return try result.get()
    }

    private func refusal(_ entries: [String], limits: RequestLimits = RequestLimits()) -> RequestRefusal? {
        do throws(RequestRefusal) {
            _ = try head(entries, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private let get = ["REQUEST_METHOD=GET", "REQUEST_URI=/"]

    @Test("every parameter that is known reaches its field")
    func allFields() throws {
        let head = try head([
            "REQUEST_METHOD=POST", "REQUEST_URI=/a%20b?x=1&y=?", "CONTENT_LENGTH=12", "CONTENT_TYPE=application/json",
            "HTTPS=on", "AUTH_TYPE=Basic", "REMOTE_USER=ann", "AUTH_SUPERUSER=1", "HTTP_AUTHORIZATION=Bearer t",
            "HTTP_ACCEPT=a/b",
            "HTTP_HOST=h.test", "HTTP_ORIGIN=https://h.test", "HTTP_REFERER=https://h.test/r",
            "HTTP_SEC_FETCH_SITE=same-origin", "HTTP_IDEMPOTENCY_KEY=once 1", "HTTP_IF_NONE_MATCH=\"a1\"",
            "HTTP_PROXY=http://evil.test",
        ])

        let request = head.request
        #expect(head.contentLength == 12)
        #expect(request.method == "POST")
        guard case .encoded("/a%20b") = request.path else {
            Issue.record("path is \(request.path)")
            return
        }
        #expect(request.query == "x=1&y=?")
        #expect(request.contentType == "application/json")
        #expect(request.isSecure)
        #expect(request.remoteUser == "ann")
        #expect(request.allowsSuperuser)
        #expect(request.authorization == "Bearer t")
        #expect(request.accept == "a/b")
        #expect(request.host == "h.test")
        #expect(request.origin == "https://h.test")
        #expect(request.referer == "https://h.test/r")
        #expect(request.secFetchSite == "same-origin")
        #expect(request.idempotencyKey == "once 1")
        #expect(request.ifNoneMatch == "\"a1\"")
        #expect(request.requestID == "made-here")
        #expect(request.body.isEmpty)
    }

    @Test("what was not passed is absent, and nothing is assumed in the client's favour")
    func absence() throws {
        let request = try head(get).request

        #expect(request.remoteUser == nil)
        #expect(!request.allowsSuperuser)
        #expect(!request.isSecure)
        #expect(request.authorization == nil)
        #expect(request.host == nil)
    }

    @Test("an empty REMOTE_USER is nobody")
    func emptyUser() throws {
        let head = try head(get + ["AUTH_TYPE=Basic", "REMOTE_USER="])

        #expect(head.request.remoteUser == nil)
        #expect(!head.hasUncheckedUser)
    }

    @Test(
        "a REMOTE_USER that the web server did not check is nobody",
        arguments: [[], ["AUTH_TYPE="], ["HTTP_AUTH_TYPE=Basic"], ["AUTH_TYPE=", "AUTH_TYPE=Basic"]])
    func uncheckedUser(type: [String]) throws {
        let head = try head(get + type + ["REMOTE_USER=ann"])

        #expect(head.request.remoteUser == nil)
        #expect(head.hasUncheckedUser)
    }

    @Test(
        "only 1 lets a superuser act as one", arguments: [("1", true), ("0", false), ("", false), ("true", false)])
    func superuser(value: String, isAllowed: Bool) throws {
        #expect(try head(get + ["AUTH_SUPERUSER=\(value)"]).request.allowsSuperuser == isAllowed)
    }

    @Test(
        "client headers named like the trusted parameters change nothing",
        arguments: ["HTTP_REMOTE_USER=root", "HTTP_AUTH_SUPERUSER=1", "HTTP_REQUEST_ID=x", "REMOTE-USER=root"])
    func spoofing(entry: String) throws {
        let request = try head(get + [entry]).request

        #expect(request.remoteUser == nil)
        #expect(!request.allowsSuperuser)
    }

    @Test("of a repeated parameter the first counts")
    func repetition() throws {
        #expect(
            try head(get + ["AUTH_TYPE=Basic", "REMOTE_USER=first", "REMOTE_USER=second"]).request.remoteUser == "first"
        )
    }

    @Test("a value that is repeated empty first stays empty")
    func emptyFirst() throws {
        #expect(try head(get + ["AUTH_TYPE=Basic", "REMOTE_USER=", "REMOTE_USER=second"]).request.remoteUser == nil)
        #expect(try head(get + ["HTTP_ACCEPT=", "HTTP_ACCEPT=a/b"]).request.accept == "")
    }

    @Test("bytes that are no text become replacement characters, in the path and the query, too")
    func brokenText() throws {
        let bytes: [UInt8] = Array("REQUEST_URI=/".utf8) + [0xFF, 0x3F, 0xC3] + Array("=1".utf8)
        let uri = try withParameters([Array("REQUEST_METHOD=GET".utf8), bytes]) { table in
            try RequestHead(table, limits: RequestLimits(), requestID: "").request
        }

        guard case .encoded("/\u{FFFD}") = uri.path else {
            Issue.record("path is \(uri.path)")
            return
        }
        #expect(uri.query == "\u{FFFD}=1")
    }

    @Test("a mark over the question mark belongs to the query")
    func combiningMark() throws {
        #expect(try head(["REQUEST_METHOD=GET", "REQUEST_URI=/?\u{301}a=1"]).request.query == "\u{301}a=1")
    }

    @Test("a body that comes later changes nothing else")
    func laterBody() {
        let request = Request(
            method: "POST", path: .decoded("/path"), query: "query", remoteUser: "user", allowsSuperuser: true,
            requestID: "id", isSecure: false, authorization: "authorization", accept: "accept",
            contentType: "type", host: "host", origin: "origin", referer: "referer", secFetchSite: "site",
            idempotencyKey: "key", ifNoneMatch: "tag")
        let complete = request.with(body: [1, 2])

        #expect(request.with(body: []) === request)
        #expect(complete.body == [1, 2])
        let (before, after) = (Mirror(reflecting: request).children, Mirror(reflecting: complete).children)
        var compared = 0
        for (old, new) in zip(before, after) where old.label != "body" {
            #expect("\(old)" == "\(new)")
            compared += 1
        }
        // No two texts are alike, and none is the default: what is left out or exchanged shows.
        #expect(compared == 16)
    }

    @Test(
        "a TLS connection is told from HTTPS or REQUEST_SCHEME",
        arguments: [
            ("HTTPS=on", true), ("HTTPS=ON", true), ("HTTPS=oN", true), ("HTTPS=off", false), ("HTTPS=on ", false),
            ("HTTPS=/.", false), ("REQUEST_SCHEME=https", true), ("REQUEST_SCHEME=http", false),
        ]
    )
    func secure(entry: String, isSecure: Bool) throws {
        #expect(try head(get + [entry]).request.isSecure == isSecure)
    }

    @Test("PATH_INFO, decoded by the server, goes before REQUEST_URI and takes QUERY_STRING along")
    func pathInfo() throws {
        let request = try head([
            "REQUEST_METHOD=GET", "REQUEST_URI=/cgi-bin/hookline/a%2Fb?x=1", "PATH_INFO=/a/b", "QUERY_STRING=x=1",
        ]).request

        guard case .decoded("/a/b") = request.path else {
            Issue.record("path is \(request.path)")
            return
        }
        #expect(request.query == "x=1")
    }

    @Test("an empty PATH_INFO is none")
    func emptyPathInfo() throws {
        guard case .encoded("/x") = try head(["REQUEST_METHOD=GET", "REQUEST_URI=/x", "PATH_INFO="]).request.path else {
            Issue.record("PATH_INFO won")
            return
        }
    }

    @Test("Apache's form of the authorization header is read where the usual one is missing")
    func redirectedAuthorization() throws {
        let redirected = try head(get + ["REDIRECT_HTTP_AUTHORIZATION=Bearer r"]).request.authorization
        let both = try head(get + ["REDIRECT_HTTP_AUTHORIZATION=Bearer r", "HTTP_AUTHORIZATION=Bearer a"])

        #expect(redirected == "Bearer r")
        #expect(both.request.authorization == "Bearer a")
    }

    @Test("a request without method or target is refused by the name of what is missing")
    func missing() {
        #expect(refusal(["REQUEST_URI=/"]) == .missingParameter(.requestMethod))
        #expect(refusal(["REQUEST_METHOD=GET"]) == .missingParameter(.requestURI))
    }

    @Test(
        "CONTENT_LENGTH is digits or a 400",
        arguments: ["-1", "+1", "1.5", "0x10", " 1", "1 ", "abc", "1,1", "\u{0661}", "99999999999999999999999x"])
    func malformedLength(text: String) {
        #expect(refusal(get + ["CONTENT_LENGTH=\(text)"]) == .malformedContentLength)
    }

    @Test("a length that no integer holds is too long, not malformed")
    func hugeLength() {
        #expect(refusal(get + ["CONTENT_LENGTH=99999999999999999999999"]) == .bodyTooLong(limit: 1 << 20))
    }

    @Test("each limit lets its maximum pass and refuses one more")
    func limits() throws {
        let limits = RequestLimits(parameterCount: 3, parameterBytes: 60, queryBytes: 4, bodyBytes: 10)
        // REQUEST_METHOD=GET and REQUEST_URI=/ have 17 and 12 bytes.
        let exactBytes = get + ["X=" + String(repeating: "x", count: 30)]

        _ = try head(get + ["X=1"], limits: limits)
        #expect(refusal(get + ["X=1", "Y=1"], limits: limits) == .tooManyParameters(limit: 3))
        _ = try head(exactBytes, limits: limits)
        #expect(
            refusal(get + ["X=" + String(repeating: "x", count: 31)], limits: limits) == .parametersTooLong(limit: 60))
        _ = try head(["REQUEST_METHOD=GET", "REQUEST_URI=/?1234"], limits: limits)
        #expect(
            refusal(["REQUEST_METHOD=GET", "REQUEST_URI=/?12345"], limits: limits) == .queryTooLong(limit: 4))
        _ = try head(get + ["CONTENT_LENGTH=10"], limits: limits)
        #expect(refusal(get + ["CONTENT_LENGTH=11"], limits: limits) == .bodyTooLong(limit: 10))
    }

    @Test("the parameter that libfcgi adds by itself does not count")
    func roleIsFree() throws {
        let limits = RequestLimits(parameterCount: 2)

        _ = try head(["FCGI_ROLE=RESPONDER"] + get, limits: limits)
    }
}
