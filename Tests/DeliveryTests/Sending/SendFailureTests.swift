import Delivery
import Foundation
import TestSupport
import Testing

struct SendFailureTests {
    @Test(arguments: [
        ("/reset", SendFailure.connection), ("/close", .connection), ("/cut", .connection), ("/garbage", .protocol),
    ])
    func invalidResponsesHaveTheirReason(_ path: String, _ failure: SendFailure) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url(path))

        #expect(result.failure == failure, "\(result)")
    }

    @Test func aPortWithoutListenerIsAConnectionFailure() throws {
        let fixture = try SenderFixture()

        let result = try fixture.send("http://127.0.0.1:\(try freePort())/")

        #expect(result.failure == .connection)
        #expect(result.detail == "Couldn't connect to server")
    }

    /// One deadline, whichever phase hangs; each one would hang for ever.
    @Test(arguments: ["/hang", "/hang-body", "/drip"])
    func theDeadlineCoversTheResponse(_ path: String) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture(timeout: .milliseconds(400))

        let result = try fixture.send(receiver.url(path))

        #expect(result.failure == .timeout)
        #expect((390..<10400).contains(result.durationMilliseconds))
        #expect(receiver.received.count == 1)
    }

    /// Within a deadline that is far away.
    @Test(arguments: ["/hang", "/hang-body"])
    func theSoftTimeoutEndsAWaitForTheNextPartOfAResponse(_ path: String) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture { $0.softTimeout = .milliseconds(300) }

        let result = try fixture.send(receiver.url(path))

        #expect(result.failure == .timeout)
        #expect((290..<10300).contains(result.durationMilliseconds))
        #expect(receiver.received.count == 1)
        // The next request to the same server is not affected.
        #expect(try fixture.send(receiver.url("/")).status == 200)
    }

    @Test func theSoftTimeoutDoesNotEndAResponseThatGoesOn() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture(timeout: .milliseconds(1500)) { $0.softTimeout = .milliseconds(500) }

        let result = try fixture.send(receiver.url("/drip"))

        #expect(result.failure == .timeout)
        #expect((1490..<11500).contains(result.durationMilliseconds))
    }

    @Test func theSoftTimeoutCoversConnecting() throws {
        let full = try WebhookReceiverSilence(isFull: true)
        let fixture = try SenderFixture { $0.softTimeout = .milliseconds(300) }

        let result = try fixture.send("http://127.0.0.1:\(full.port)/")

        #expect(result.failure == .timeout)
        #expect(result.timings.connect == nil)
        #expect((290..<10300).contains(result.durationMilliseconds))
    }

    @Test func theDeadlineCoversConnecting() throws {
        let full = try WebhookReceiverSilence(isFull: true)
        let fixture = try SenderFixture(timeout: .milliseconds(400))

        let result = try fixture.send("http://127.0.0.1:\(full.port)/")

        #expect(result.failure == .timeout)
        #expect(result.timings.connect == nil)
        #expect((390..<10400).contains(result.durationMilliseconds))
    }

    @Test func theDeadlineCoversTheTLSHandshake() throws {
        let silence = try WebhookReceiverSilence()
        let fixture = try SenderFixture(timeout: .milliseconds(400))

        let result = try fixture.send("https://127.0.0.1:\(silence.port)/")

        #expect(result.failure == .timeout)
        #expect(result.address == "127.0.0.1")
        #expect(result.timings.tls == nil)
        #expect((390..<10400).contains(result.durationMilliseconds))
    }

    @Test func aRequestsOwnTimeoutComesFirst() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture(timeout: .seconds(600))

        let result = try fixture.send(receiver.url("/hang"), timeout: .milliseconds(200))

        #expect(result.failure == .timeout)
    }

    /// As in the request log.
    @Test func reasonsAreSpelledAsInTheLog() {
        #expect(
            SendFailure.allCases.map(\.rawValue) == [
                "timeout", "connection", "dns", "tls", "blocked-address", "body-too-large", "invalid-url",
                "invalid-header", "protocol", "proxy", "cancelled", "lease-lost", "breaker-open",
                "internal",
            ])
    }
}

struct ResponseLimitTests {
    @Test(arguments: [(65535, false), (65536, false), (65537, true), (1_000_000, true)])
    func theBodyIsReadUpToItsLimit(_ size: Int, _ isCut: Bool) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url("/size/\(size)"))

        #expect(result.status == 200)
        #expect(result.response?.body.count == min(size, 65536))
        #expect(result.response?.isBodyCut == isCut)
    }

    /// The next request gets a new connection: the first one still has the end of the response.
    @Test(arguments: ["/endless", "/huge"])
    func anEndlessResponseCountsByItsStatus(_ path: String) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url(path))
        let next = try fixture.send(receiver.url("/status/201"))

        #expect(result.status == 200)
        #expect(result.response?.isBodyCut == true)
        #expect(result.response?.body.count == 65536)
        #expect(next.status == 201)
        #expect(receiver.acceptedConnections == 2)
    }

    @Test func endlessHeadersAreNoResponse() throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url("/long-headers"))

        #expect(result.failure == .protocol)
        #expect(result.detail == "the response's headers are larger than 65536 bytes")
    }
}

struct SendTLSTests {
    @Test func aReceiverOfAnExtraAuthorityIsTrusted() throws {
        let certificates = try TestCertificates()
        let receiver = try WebhookReceiver()
        let front = try WebhookReceiverTLS(certificates: certificates, receiver: receiver)
        let fixture = try SenderFixture { $0.extraAuthorities = certificates.authorityPath }

        let byName = try fixture.send(front.url("/status/201"))
        let byAddress = try fixture.send(front.url("/status/202", host: "127.0.0.1"))

        #expect(byName.status == 201)
        #expect(byAddress.status == 202)
        #expect(try #require(byName.timings.tls) > 0)
    }

    @Test func anUnknownAuthorityAWrongNameAndPlainHTTPAreTLSFailures() throws {
        let certificates = try TestCertificates(names: "DNS:other.example")
        let receiver = try WebhookReceiver()
        let front = try WebhookReceiverTLS(certificates: certificates, receiver: receiver)
        let stranger = try SenderFixture()
        let friend = try SenderFixture { $0.extraAuthorities = certificates.authorityPath }

        let unknown = try stranger.send(front.url("/"))
        let misnamed = try friend.send(front.url("/"))
        let plain = try friend.send("https://127.0.0.1:\(front.plainPort)/")

        #expect(unknown.failure == .tls)
        #expect(misnamed.failure == .tls)
        #expect(plain.failure == .tls)
        #expect(receiver.received.isEmpty)
    }

    /// Each with its own text in the log.
    @Test(arguments: [
        (TestCertificates.Validity.past, "DNS:localhost", "SSL certificate problem: certificate has expired"),
        (.future, "DNS:localhost", "SSL certificate problem: certificate is not yet valid"),
        (
            .now, "DNS:other.example",
            "SSL: no alternative certificate subject name matches target host name 'localhost'"
        ),
    ])
    func expiredNotYetValidAndWrongNameAreToldApart(
        _ validity: TestCertificates.Validity, _ names: String, _ detail: String
    ) throws {
        let certificates = try TestCertificates(names: names, validity: validity)
        let front = try WebhookReceiverTLS(certificates: certificates, receiver: WebhookReceiver())
        let fixture = try SenderFixture { $0.extraAuthorities = certificates.authorityPath }

        let result = try fixture.send(front.url("/"))

        #expect(result.failure == .tls)
        #expect(result.detail == detail)
    }

    /// With TLS 1.3 the refusal comes after the handshake, as the response to the first bytes that are sent.
    @Test(arguments: [("tls1_2", "handshake failure"), ("tls1_3", "certificate required")])
    func aReceiverThatWantsAClientCertificateIsATLSFailure(_ version: String, _ alert: String) throws {
        let certificates = try TestCertificates()
        let server = try ClientCertificateServer(certificates: certificates, version: version)
        let fixture = try SenderFixture { $0.extraAuthorities = certificates.authorityPath }

        let result = try fixture.send(server.url)
        let report = try ConnectionProbe(settings: fixture.sender.settings).probe(server.url)

        #expect(result.failure == .tls, "\(result)")
        #expect(result.detail?.contains(alert) == true, "\(result)")
        #expect(report.outcome == .failed(.tls, detail: try #require(result.detail)))
    }

    @Test func aProbeOfAReceiverThatWaitsForTheRequestIsConnected() throws {
        let certificates = try TestCertificates()
        let front = try WebhookReceiverTLS(certificates: certificates, receiver: WebhookReceiver())
        let fixture = try SenderFixture { $0.extraAuthorities = certificates.authorityPath }

        let report = try ConnectionProbe(settings: fixture.sender.settings).probe(front.url("/"))

        #expect(report.outcome == .connected)
        #expect(report.certificate?.names?.contains("DNS:localhost") == true)
    }

    @Test func aFileOfAuthoritiesThatIsNotThereIsNamedAtTheStart() throws {
        let error = #expect(throws: SenderError.self) {
            try SenderFixture { $0.extraAuthorities = "/nowhere/authorities.pem" }
        }

        #expect(
            error?.description
                == "the certificates in /nowhere/authorities.pem cannot be read: No such file or directory")
    }
}
