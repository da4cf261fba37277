import Handlers
import Model
import Testing

@testable import ResponderSupport

/// What the web server passes becomes a request.
@Suite
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

    @Test func everyParameterThatIsKnownReachesItsField() throws {
        let head = try head([
            "REQUEST_METHOD=POST", "REQUEST_URI=/a%20b?x=1&y=?", "CONTENT_LENGTH=12", "CONTENT_TYPE=application/json",
            "HTTPS=on", "AUTH_TYPE=Basic", "REMOTE_USER=ann", "AUTH_SUPERUSER=1", "HTTP_AUTHORIZATION=Bearer t",
            "HTTP_ACCEPT=a/b",
            "HTTP_HOST=h.test", "HTTP_ORIGIN=https://h.test", "HTTP_REFERER=https://h.test/r",
            "HTTP_SEC_FETCH_SITE=same-origin", "HTTP_IDEMPOTENCY_KEY=once 1", "HTTP_IF_NONE_MATCH=\"a1\"",
            "HTTP_PROXY=http://evil.test",
            "HTTP_CONTENT_ENCODING=gzip", "HTTP_TRANSFER_ENCODING=chunked",
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
        #expect(request.contentEncoding == "gzip")
        #expect(request.requestID == "made-here")
        #expect(request.body.isEmpty)
    }

    @Test(arguments: ["REMOTE_USER", "AUTH_TYPE", "AUTH_SUPERUSER"])
    func aRepeatedParameterAboutTheCallerIsRefusedAsAFaultOfTheConfiguration(name: String) throws {
        let refusal = try #require(self.refusal(get + ["\(name)=", "\(name)="]))

        #expect(refusal.status == 500)
        #expect(refusal.response(omitsBody: false).failure?.contains("\"fastcgi_param \(name) …;\"") == true)
        #expect(RequestRefusal.lengthRequired.failure == nil)
    }

    @Test func aTransferEncodingWithoutALengthIsRefused() throws {
        #expect(refusal(get + ["HTTP_TRANSFER_ENCODING=chunked"]) == .lengthRequired)
        #expect(refusal(get + ["HTTP_TRANSFER_ENCODING=chunked", "CONTENT_LENGTH="]) == .lengthRequired)
        #expect(refusal(get + ["HTTP_TRANSFER_ENCODING=chunked", "CONTENT_LENGTH=0"]) == nil)
        #expect(refusal(get + ["HTTP_TRANSFER_ENCODING=", "CONTENT_LENGTH="]) == nil)
        #expect(RequestRefusal.lengthRequired.status == 411)
    }

    @Test func anEmptyIdempotencyKeyIsNotTheSameAsNone() throws {
        #expect(try head(get).request.idempotencyKey == nil)
        #expect(try head(get + ["HTTP_IDEMPOTENCY_KEY="]).request.idempotencyKey == "")
    }

    @Test func whatWasNotPassedIsAbsentAndNothingIsAssumedInTheClientsFavour() throws {
        let request = try head(get).request

        #expect(request.remoteUser == nil)
        #expect(!request.allowsSuperuser)
        #expect(!request.isSecure)
        #expect(request.authorization == nil)
        #expect(request.host == nil)
    }

    @Test func anEmptyRemoteUserIsAnonymous() throws {
        let head = try head(get + ["AUTH_TYPE=Basic", "REMOTE_USER="])

        #expect(head.request.remoteUser == nil)
        #expect(!head.hasUncheckedUser)
    }

    @Test(arguments: [[], ["AUTH_TYPE="], ["HTTP_AUTH_TYPE=Basic"]])
    func aRemoteUserWithoutAuthTypeIsAnonymous(type: [String]) throws {
        let head = try head(get + type + ["REMOTE_USER=ann"])

        #expect(head.request.remoteUser == nil)
        #expect(head.hasUncheckedUser)
    }

    @Test(arguments: [("1", true), ("0", false), ("", false), ("true", false)])
    func only1LetsASuperuserActAsOne(value: String, isAllowed: Bool) throws {
        #expect(try head(get + ["AUTH_SUPERUSER=\(value)"]).request.allowsSuperuser == isAllowed)
    }

    @Test(arguments: ["HTTP_REMOTE_USER=root", "HTTP_AUTH_SUPERUSER=1", "HTTP_REQUEST_ID=x", "REMOTE-USER=root"])
    func clientHeadersNamedLikeTheTrustedParametersChangeNothing(entry: String) throws {
        let request = try head(get + [entry]).request

        #expect(request.remoteUser == nil)
        #expect(!request.allowsSuperuser)
    }

    @Test func ofAnyOtherRepeatedParameterTheFirstCounts() throws {
        #expect(try head(get + ["HTTP_ACCEPT=first", "HTTP_ACCEPT=second"]).request.accept == "first")
        #expect(try head(get + ["HTTP_ACCEPT=", "HTTP_ACCEPT=a/b"]).request.accept == "")
    }

    @Test func bytesThatAreNoTextBecomeReplacementCharactersInThePathAndTheQueryToo() throws {
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

    @Test func aCombiningMarkAfterTheQuestionMarkBelongsToTheQuery() throws {
        #expect(try head(["REQUEST_METHOD=GET", "REQUEST_URI=/?\u{301}a=1"]).request.query == "\u{301}a=1")
    }

    @Test func aBodyThatComesLaterChangesNothingElse() {
        let request = Request(
            method: "POST", path: .decoded("/path"), query: "query", remoteUser: "user", allowsSuperuser: true,
            requestID: "id", isSecure: false, authorization: "authorization", accept: "accept",
            contentType: "type", host: "host", origin: "origin", referer: "referer", secFetchSite: "site",
            idempotencyKey: "key", ifNoneMatch: "tag", ifMatch: "match", contentEncoding: "encoding",
            cookie: Secret("cookie"),
            csrfToken: Secret("token"), remoteAddress: "address",
            relay: RelayHeaders(resource: "resource", signature: "signature", requestID: "webhook"))
        let complete = request.with(body: [1, 2])

        #expect(request.with(body: []) === request)
        #expect(complete.body == [1, 2])
        #expect(complete.bodyByteCount == 2)
        #expect(request.withoutBody(byteCount: 3).body == [])
        #expect(request.withoutBody(byteCount: 3).bodyByteCount == 3)
        let (before, after) = (Mirror(reflecting: request).children, Mirror(reflecting: complete).children)
        var compared = 0
        for (old, new) in zip(before, after) where old.label != "body" {
            #expect("\(old)" == "\(new)")
            compared += 1
        }
        // No two texts are alike, and none is the default: what is left out or exchanged shows.
        #expect(compared == 23)
        #expect(complete.cookie?.exposed == "cookie" && complete.csrfToken?.exposed == "token")
    }

    @Test(arguments: [
        ("HTTPS=on", true), ("HTTPS=ON", true), ("HTTPS=oN", true), ("HTTPS=off", false), ("HTTPS=on ", false),
        ("HTTPS=/.", false), ("REQUEST_SCHEME=https", true), ("REQUEST_SCHEME=http", false),
    ]
    )
    func aTLSConnectionIsRecognizedByHTTPSOrRequestScheme(entry: String, isSecure: Bool) throws {
        #expect(try head(get + [entry]).request.isSecure == isSecure)
    }

    @Test func pathInfoDecodedByTheServerGoesBeforeRequestURIAndTakesQueryStringAlong() throws {
        let request = try head([
            "REQUEST_METHOD=GET", "REQUEST_URI=/cgi-bin/hookline/a%2Fb?x=1", "PATH_INFO=/a/b", "QUERY_STRING=x=1",
        ]).request

        guard case .decoded("/a/b") = request.path else {
            Issue.record("path is \(request.path)")
            return
        }
        #expect(request.query == "x=1")
    }

    @Test func anEmptyPathInfoIsNone() throws {
        guard case .encoded("/x") = try head(["REQUEST_METHOD=GET", "REQUEST_URI=/x", "PATH_INFO="]).request.path else {
            Issue.record("PATH_INFO won")
            return
        }
    }

    @Test func apachesFormOfTheAuthorizationHeaderIsReadWhereTheUsualOneIsMissing() throws {
        let redirected = try head(get + ["REDIRECT_HTTP_AUTHORIZATION=Bearer r"]).request.authorization
        let both = try head(get + ["REDIRECT_HTTP_AUTHORIZATION=Bearer r", "HTTP_AUTHORIZATION=Bearer a"])

        #expect(redirected == "Bearer r")
        #expect(both.request.authorization == "Bearer a")
    }

    @Test func aRequestWithoutMethodOrTargetIsRefusedByTheNameOfWhatIsMissing() {
        #expect(refusal(["REQUEST_URI=/"]) == .missingParameter(.requestMethod))
        #expect(refusal(["REQUEST_METHOD=GET"]) == .missingParameter(.requestURI))
    }

    @Test(arguments: ["-1", "+1", "1.5", "0x10", " 1", "1 ", "abc", "1,1", "\u{0661}", "99999999999999999999999x"])
    func contentLengthIsDigitsOrA400(text: String) {
        #expect(refusal(get + ["CONTENT_LENGTH=\(text)"]) == .malformedContentLength)
    }

    @Test func aLengthThatNoIntegerHoldsIsTooLongNotMalformed() {
        #expect(refusal(get + ["CONTENT_LENGTH=99999999999999999999999"]) == .bodyTooLong(limit: 1 << 20))
    }

    @Test func eachLimitLetsItsMaximumPassAndRefusesOneMore() throws {
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

    @Test func theParameterThatLibfcgiAddsByItselfDoesNotCount() throws {
        let limits = RequestLimits(parameterCount: 2)

        _ = try head(["FCGI_ROLE=RESPONDER"] + get, limits: limits)
    }
}

/// The request id.
@Suite
struct RequestIDTests {
    private func id(_ given: String?) -> String {
        guard let given else { return RequestID.from(nil) }
        return Array(given.utf8).withUnsafeBufferPointer { RequestID.from($0) }
    }

    @Test(arguments: ["a", "0123456789abcdef0123456789abcdef", "A-1", String(repeating: "x", count: 64)])
    func isTheWebServersWhenItIsPlainAndNotTooLong(given: String) {
        #expect(id(given) == given)
    }

    @Test(arguments: [nil, "", "a b", "a\nb", "ä", "a_b", String(repeating: "x", count: 65)])
    func isMadeHereOtherwise32HexadecimalDigitsEachTimeOthers(given: String?) {
        let first = id(given)
        let second = id(given)

        #expect(first.utf8.count == 32)
        #expect(first.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(first != second)
    }
}
