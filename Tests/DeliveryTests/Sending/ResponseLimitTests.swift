import Delivery
import TestSupport
import Testing

struct ResponseLimitTests {
    @Test(arguments: [(65535, false), (65536, false), (65537, true), (1_000_000, true)])
    func theBodyIsReadUpToItsLimit(_ size: Int, _ isCut: Bool) async throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench()

        let result = try await bench.send(receiver.url("/size/\(size)"))

        #expect(result.status == 200)
        #expect(result.response?.body.count == min(size, 65536))
        #expect(result.response?.isBodyCut == isCut)
    }

    /// The next request gets a connection of its own: the rest of the first answer is nobody's.
    @Test(arguments: ["/endless", "/huge"])
    func anAnswerWithoutEndCountsByItsStatus(_ path: String) async throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench()

        let result = try await bench.send(receiver.url(path))
        let next = try await bench.send(receiver.url("/status/201"))

        #expect(result.status == 200)
        #expect(result.response?.isBodyCut == true)
        #expect(result.response?.body.count == 65536)
        #expect(next.status == 201)
        #expect(receiver.acceptedConnections == 2)
    }

    @Test func headersWithoutEndAreNoAnswer() async throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench()

        let result = try await bench.send(receiver.url("/long-headers"))

        #expect(result.failure == .protocol)
        #expect(result.detail == "the answer's headers are over 65536 bytes")
    }
}
