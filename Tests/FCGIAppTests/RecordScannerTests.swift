import TestSupport
import Testing

@testable import FCGIApp

/// How far a request has arrived.
@Suite
struct RecordScannerTests {
    private static let beginning = FastCGIClient.beginning()
    private static let parameters = FastCGIClient.stream(
        .parameters, FastCGIClient.encoded(FastCGIClient.parameters("POST", "/a")))
    private static let body: [UInt8] = [1, 5, 0, 1, 0, 0, 0, 0]
    private static let request = beginning + parameters + FastCGIClient.stream(.standardInput, body)

    private static let itself = RecordScanner.WholeRequest(bodyBytes: body.count, byteCount: request.count)

    private static func whole(_ bytes: [UInt8]) -> RecordScanner.WholeRequest? {
        bytes.withUnsafeBytes { RecordScanner.wholeRequest(in: $0) }
    }

    /// Follows pieces of `size` bytes; the states in the order in which they were reached, and the input.
    private static func scan(
        _ bytes: [UInt8], size: Int
    ) -> (states: [RecordScanner.State], input: [UInt8], consumed: Int) {
        var scanner = RecordScanner()
        var states = [scanner.state]
        var input: [UInt8] = []
        var position = 0
        while position < bytes.count, states.last != .whole, states.last != .malformed {
            let piece = Array(bytes[position..<min(position + size, bytes.count)])
            position += piece.withUnsafeBytes { scanner.consume($0) { input += $0 } }
            if scanner.state != states.last { states.append(scanner.state) }
        }
        return (states, input, position)
    }

    @Test func aRequestInPiecesOfAnySizeIsFollowedToItsEnd() {
        for size in 1...Self.request.count + 1 {
            let result = Self.scan(Self.request + Self.beginning, size: size)

            #expect(result.states.suffix(2) == [.input, .whole], "pieces of \(size)")
            #expect(result.input == Self.body)
            #expect(result.consumed == Self.request.count, "the next request is left alone")
        }
    }

    @Test func itStopsAtTheEndOfTheParameters() {
        var scanner = RecordScanner()
        let consumed = Self.request.withUnsafeBytes { scanner.consume($0) }

        #expect(scanner.state == .input)
        #expect(consumed == Self.beginning.count + Self.parameters.count)
    }

    @Test func aRequestIsKnownToBeWholeAtItsEndAndNotBefore() {
        for count in 0...Self.request.count {
            let found = Self.whole(Array(Self.request.prefix(count)))
            #expect(found == (count == Self.request.count ? Self.itself : nil), "\(count) bytes")
        }
    }

    @Test func whatFollowsAWholeRequestIsNoPartOfIt() {
        #expect(Self.whole(Self.request + Self.request) == Self.itself)
        #expect(Self.whole(Self.request + [1]) == Self.itself)
    }

    /// libfcgi would take this padding for a record.
    @Test func onlyAScannerFollowsPaddingOfTheBeginningAndOfEmptyRecords() {
        for position in [Self.beginning.count, Self.beginning.count + Self.parameters.count, Self.request.count] {
            let header = position == Self.beginning.count ? 0 : position - 8
            var request = Self.request
            request[header + 6] = 3
            request.insert(contentsOf: [1, 1, 0], at: position)

            #expect(Self.whole(request) == nil)
            for size in 1...request.count + 1 {
                let result = Self.scan(request + Self.beginning, size: size)
                #expect(result.states.last == .whole)
                #expect(result.input == Self.body)
                #expect(result.consumed == request.count, "pieces of \(size)")
            }
        }
    }

    @Test func paddingAndRecordsOfOtherRequestsAreSkipped() {
        let padded: [UInt8] = [1, 5, 0, 1, 0, 2, 3, 0, 8, 9, 0, 0, 0]
        let other: [UInt8] = [1, 5, 0, 2, 0, 1, 0, 0, 7]
        let end: [UInt8] = [1, 5, 0, 1, 0, 0, 2, 0, 0, 0]
        let request = Self.beginning + Self.parameters + padded + other + end
        for size in 1...16 {
            let result = Self.scan(request, size: size)

            #expect(result.states.last == .whole)
            #expect(result.input == [8, 9])
        }
        #expect(Self.scan(request + Self.beginning, size: 1000).consumed == request.count)
    }

    @Test(arguments: [
        [2, 1, 0, 1, 0, 8, 0, 0], [1, 4, 0, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 8, 0, 0], [1, 1, 0, 1, 0, 7, 0, 0],
        beginning + [1, 5, 0, 1, 0, 0, 0, 0], beginning + [1, 9, 0, 0, 0, 0, 0, 0],
        beginning + [1, 1, 0, 2, 0, 8, 0, 0],
        beginning + parameters + [1, 4, 0, 1, 0, 0, 0, 0], beginning + parameters + [1, 2, 0, 1, 0, 0, 0, 0],
    ])
    func whatNoWebServerSendsIsMalformed(_ bytes: [UInt8]) {
        #expect(Self.scan(bytes, size: 3).states.last == .malformed)
        #expect(Self.whole(bytes) == nil)
    }
}
