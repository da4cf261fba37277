import Model
import TestSupport
import Testing

@testable import Queue

/// The form in which details of attempts are stored, and their limits.
@Suite
struct AttemptDetailsTests {
    private func details(_ response: AttemptDetails.Response?) -> AttemptDetails {
        AttemptDetails(
            attempt: 3, date: testNow, url: "https://hook.test/é?\u{0}", code: response?.status ?? 0,
            durationMilliseconds: 12, reason: "connection", reasonDetail: "reset \"by\" peer",
            requestHeaders: HeaderList([("Content-Type", "application/json"), ("X-Ü", "\u{1}\u{202E}\n")]),
            response: response)
    }

    private func stored(_ details: AttemptDetails) -> AttemptDetails? {
        AttemptDetails(storedBytes: details.storedBytes[...])
    }

    @Test(arguments: [[], [0, 10, 13, 255, 0xC3], Array("{\"a\":\"é\"}\n\n".utf8)] as [[UInt8]])
    func whatIsStoredIsRead(body: [UInt8]) throws {
        let headers = HeaderList([("Set-Cookie", "a"), ("set-cookie", "b"), ("", ""), ("X", "\u{FFFD}\u{0}")])
        let whole = details(AttemptDetails.Response(status: 503, headers: headers, body: body))
        let cut = details(
            AttemptDetails.Response(
                status: 200, headers: HeaderList([("A", "b")], isCut: true), body: body, isBodyCut: true))

        #expect(stored(whole) == whole)
        #expect(stored(cut)?.response?.headers.isCut == true)
        #expect(stored(cut)?.response?.headers.headers == [HeaderList.Header("A", "b")])
        #expect(stored(cut)?.response?.isBodyCut == true)
        #expect(stored(details(nil)) == details(nil))
    }

    /// Other versions may store more, or less.
    @Test func unknownMembersAreIgnoredAndMissingOnesAreNotKept() {
        let bytes = Array(#"{"attempt":1,"date":5,"code":200,"url":"u","new":[1],"status":200}"#.utf8) + [10, 1, 2]

        let read = AttemptDetails(storedBytes: bytes[...])

        #expect(read?.requestHeaders == HeaderList())
        #expect(read?.response == AttemptDetails.Response(status: 200, body: [1, 2]))
        #expect(read?.durationMilliseconds == nil && read?.reason == nil)
    }

    @Test(arguments: [
        "", "{}", "\n", "{}\n", "{\"attempt\":1,\"date\":2,\"code\":3}\n", "[1]\n", "{\"attempt\":1,\"date\":2",
        "{\"attempt\":\"1\",\"date\":2,\"code\":3,\"url\":\"u\"}\n", "\u{FF}\n",
    ])
    func damagedDetailsAreNotRead(text: String) {
        #expect(AttemptDetails(storedBytes: Array(text.utf8)[...]) == nil)
    }

    @Test func headersBeyondTheLimitAreCut() {
        let exact = HeaderList([("a", String(repeating: "x", count: 4096 - 5))])
        let long = HeaderList([("a", String(repeating: "é", count: 3000)), ("b", "c")])
        let many = HeaderList((0..<100_000).map { (name: "name-\($0)", value: "value") })
        let name = HeaderList([("b", "c"), (String(repeating: "n", count: 5000), "v")])

        #expect(!exact.isCut && exact.headers.count == 1)
        #expect(long.isCut && long.headers.count == 1)
        #expect(long.headers[0].value == String(repeating: "é", count: (4096 - 5) / 2))
        #expect(many.isCut && (200...256).contains(many.headers.count))
        #expect(name.isCut && name.headers == [HeaderList.Header("b", "c")])
        #expect(stored(details(.init(status: 200, headers: long)))?.response?.headers == long)
    }

    @Test(arguments: ["aé", "a€", "a😀"])
    func aCutSplitsNoCharacter(text: String) {
        let bytes = Array(text.utf8)

        for count in 1..<bytes.count { #expect(Array(CutText.prefix(bytes, byteCount: count)) == [0x61]) }
        #expect(Array(CutText.prefix(bytes, byteCount: bytes.count)) == bytes)
    }

    @Test(arguments: [[0x80, 0x80, 0x80, 0x80], [0xFF], [0x61, 0xC0], [0xE2, 0x28]] as [[UInt8]])
    func invalidBytesStay(bytes: [UInt8]) {
        #expect(Array(CutText.withoutPartialCharacter(bytes[...])) == bytes)
    }
}
