import Delivery
import TestSupport
import Testing

struct ResponseLimitTests {
    @Test(arguments: [(65535, false), (65536, false), (65537, true), (1_000_000, true)])
    func theBodyIsReadUpToItsLimit(_ size: Int, _ isCut: Bool) throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench()

        let result = try bench.send(receiver.url("/size/\(size)"))

        #expect(result.status == 200)
        #expect(result.response?.body.count == min(size, 65536))
        #expect(result.response?.isBodyCut == isCut)
    }

    /// The next request gets a connection of its own: the rest of the first answer is nobody's.
    @Test(arguments: ["/endless", "/huge"])
    func anAnswerWithoutEndCountsByItsStatus(_ path: String) throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench()

        let result = try bench.send(receiver.url(path))
        let next = try bench.send(receiver.url("/status/201"))

        #expect(result.status == 200)
        #expect(result.response?.isBodyCut == true)
        #expect(result.response?.body.count == 65536)
        #expect(next.status == 201)
        #expect(receiver.acceptedConnections == 2)
    }

    @Test func headersWithoutEndAreNoAnswer() throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench()

        let result = try bench.send(receiver.url("/long-headers"))

        #expect(result.failure == .protocol)
        #expect(result.detail == "the answer's headers are over 65536 bytes")
    }
}
