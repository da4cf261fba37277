import Delivery
import Foundation
import TestSupport
import Testing

struct SendFailureTests {
    @Test(arguments: [
        ("/reset", SendFailure.connection), ("/close", .connection), ("/cut", .connection), ("/garbage", .protocol),
    ])
    func brokenAnswersHaveTheirReason(_ path: String, _ failure: SendFailure) throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench()

        let result = try bench.send(receiver.url(path))

        #expect(result.failure == failure, "\(result)")
    }

    @Test func aPortWithoutListenerIsAConnectionFailure() throws {
        let bench = try SenderBench()

        let result = try bench.send("http://127.0.0.1:\(try freePort())/")

        #expect(result.failure == .connection)
        #expect(result.detail == "Couldn't connect to server")
    }

    /// One deadline, whichever phase hangs; each one would hang for ever.
    @Test(arguments: ["/hang", "/hang-body", "/drip"])
    func theDeadlineCoversTheAnswer(_ path: String) throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench(timeout: .milliseconds(400))

        let result = try bench.send(receiver.url(path))

        #expect(result.failure == .timeout)
        #expect((390..<10400).contains(result.durationMilliseconds))
        #expect(receiver.received.count == 1)
    }

    @Test func theDeadlineCoversConnecting() throws {
        let full = try WebhookReceiverSilence(isFull: true)
        let bench = try SenderBench(timeout: .milliseconds(400))

        let result = try bench.send("http://127.0.0.1:\(full.port)/")

        #expect(result.failure == .timeout)
        #expect(result.timings.connect == nil)
        #expect((390..<10400).contains(result.durationMilliseconds))
    }

    @Test func theDeadlineCoversTheTLSHandshake() throws {
        let silence = try WebhookReceiverSilence()
        let bench = try SenderBench(timeout: .milliseconds(400))

        let result = try bench.send("https://127.0.0.1:\(silence.port)/")

        #expect(result.failure == .timeout)
        #expect(result.address == "127.0.0.1")
        #expect(result.timings.tls == nil)
        #expect((390..<10400).contains(result.durationMilliseconds))
    }

    @Test func aRequestsOwnTimeoutComesFirst() throws {
        let receiver = try WebhookReceiver()
        let bench = try SenderBench(timeout: .seconds(600))

        let result = try bench.send(receiver.url("/hang"), timeout: .milliseconds(200))

        #expect(result.failure == .timeout)
    }

    /// The words of the log and of the answers of the request log.
    @Test func reasonsAreSpelledAsInTheLog() {
        #expect(
            SendFailure.allCases.map(\.rawValue) == [
                "timeout", "connection", "dns", "tls", "blocked-address", "body-too-large", "invalid-url",
                "invalid-header", "protocol", "proxy", "cancelled", "internal",
            ])
    }
}
