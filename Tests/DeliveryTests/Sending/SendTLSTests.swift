import Delivery
import TestSupport
import Testing

struct SendTLSTests {
    @Test func aReceiverOfAnExtraAuthorityIsTrusted() throws {
        let certificates = try TestCertificates()
        let receiver = try WebhookReceiver()
        let front = try WebhookReceiverTLS(certificates: certificates, receiver: receiver)
        let bench = try SenderBench { $0.extraAuthorities = certificates.authorityPath }

        let byName = try bench.send(front.url("/status/201"))
        let byAddress = try bench.send(front.url("/status/202", host: "127.0.0.1"))

        #expect(byName.status == 201)
        #expect(byAddress.status == 202)
        #expect(try #require(byName.timings.tls) > 0)
    }

    @Test func anUnknownAuthorityAWrongNameAndPlainHTTPAreTLSFailures() throws {
        let certificates = try TestCertificates(names: "DNS:other.example")
        let receiver = try WebhookReceiver()
        let front = try WebhookReceiverTLS(certificates: certificates, receiver: receiver)
        let stranger = try SenderBench()
        let friend = try SenderBench { $0.extraAuthorities = certificates.authorityPath }

        let unknown = try stranger.send(front.url("/"))
        let misnamed = try friend.send(front.url("/"))
        let plain = try friend.send("https://127.0.0.1:\(front.plainPort)/")

        #expect(unknown.failure == .tls)
        #expect(misnamed.failure == .tls)
        #expect(plain.failure == .tls)
        #expect(receiver.received.isEmpty)
    }

    @Test func aFileOfAuthoritiesThatIsNotThereIsNamedAtTheStart() throws {
        let error = #expect(throws: SenderError.self) {
            try SenderBench { $0.extraAuthorities = "/nowhere/authorities.pem" }
        }

        #expect(
            error?.description
                == "the certificates in /nowhere/authorities.pem cannot be read: No such file or directory")
    }
}
