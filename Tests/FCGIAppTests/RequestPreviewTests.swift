import Foundation
import TestSupport
import Testing

@testable import FCGIApp

/// What is there of a request.
@Suite
struct RequestPreviewTests {
    private static let parameters = FastCGIClient.encoded(FastCGIClient.parameters("GET", "/-/ping"))
    private static let whole =
        FastCGIClient.beginning() + FastCGIClient.stream(.parameters, parameters)
        + FastCGIClient.stream(.standardInput, [])

    @Test func aRequestIsWholeWithItsLastByteAndNotBefore() {
        for count in 0..<Self.whole.count { #expect(!isWhole(Array(Self.whole.prefix(count))), "\(count)") }
        #expect(isWhole(Self.whole))
    }

    @Test func aRequestWithABodyIsWholeWhenTheBodyHasEnded() {
        let head = FastCGIClient.beginning() + FastCGIClient.stream(.parameters, Self.parameters)
        let body = FastCGIClient.record(.standardInput, [1, 2, 3])
        #expect(!isWhole(head + body))
        #expect(isWhole(head + body + FastCGIClient.record(.standardInput, [])))
    }

    @Test func inputThatEndsBeforeTheParametersDoAndBytesThatAreNoRecordsAreNoRequest() {
        #expect(!isWhole(FastCGIClient.beginning() + FastCGIClient.record(.standardInput, [])))
        #expect(!isWhole([UInt8](repeating: 0, count: 64)))
        #expect(!isWhole([UInt8](repeating: 0xFF, count: 4096)))
        // Another request's records, or none that begins one.
        var other = Array(Self.whole.dropFirst(FastCGIClient.beginning().count))
        #expect(!isWhole(other))
        for start in [0, other.count - 8] { other[start + 3] += 1 }
        #expect(!isWhole(FastCGIClient.beginning() + other))
    }

    @Test func nothingIsKnownOfASilentConnectionAPartMayBeAllThatComesAnEndIsNoSilence() throws {
        var pair: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { close(pair[0]) }
        let connection = Connection(descriptor: pair[0])
        #expect(RequestPreview(of: connection) == .nothing)
        #expect(send(pair[1], Self.whole, 10, 0) == 10)
        #expect(RequestPreview(of: connection) == .part)
        #expect(Self.whole.dropFirst(10).withUnsafeBytes { send(pair[1], $0.baseAddress, $0.count, 0) } > 0)
        #expect(RequestPreview(of: connection) == .whole)
        var bytes = [UInt8](repeating: 0, count: Self.whole.count)
        #expect(read(pair[0], &bytes, bytes.count) == Self.whole.count)
        close(pair[1])
        #expect(RequestPreview(of: connection) == .part)
    }

    @Test func aLongRequestIsLookedAtOnceMoreAndOneThatIsLongerStillCountsAsAPart() throws {
        #expect(try preview(headerBytes: 2000) == .whole)
        #expect(try preview(headerBytes: 20_000) == .part)
    }

    private func preview(headerBytes: Int) throws -> RequestPreview {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        let long = FastCGIClient.parameters("GET", "/", [("HTTP_X", String(repeating: "x", count: headerBytes))])
        let bytes =
            FastCGIClient.beginning() + FastCGIClient.stream(.parameters, FastCGIClient.encoded(long))
            + FastCGIClient.stream(.standardInput, [])
        try #require(send(pair[1], bytes, bytes.count, 0) == bytes.count)
        return RequestPreview(of: Connection(descriptor: pair[0]))
    }

    private func isWhole(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { RequestPreview.isWhole($0) }
    }
}
