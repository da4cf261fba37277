import Delivery
import Model
import TestSupport
import Testing

struct ProxyFailureTests {
    private func fixture(_ proxy: RawReceiver) throws -> SenderFixture {
        try SenderFixture { $0.proxy = Secret(proxy.url("")) }
    }

    /// What only a proxy says, for plain and for encrypted URLs.
    @Test(arguments: ["407 Proxy Authentication Required", "511 Network Authentication Required"])
    func aStatusOfProxiesIsTheProxys(_ status: String) throws {
        let proxy = try RawReceiver("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
        let fixture = try fixture(proxy)

        let plain = try fixture.send("http://8.8.8.8/a")
        let encrypted = try fixture.send("https://8.8.8.8/a")

        #expect(proxy.targets == ["http://8.8.8.8/a", "8.8.8.8:443"])
        #expect(plain.failure == .proxy)
        #expect(encrypted.failure == .proxy)
        #expect(plain.detail == "the outgoing proxy responded with \(status.prefix(3))")
        #expect(encrypted.detail == plain.detail)
    }

    @Test(arguments: [200, 403, 502, 503])
    func otherStatusesOfPlainURLsAreTheApps(_ status: Int) throws {
        let proxy = try RawReceiver("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n")

        #expect(try fixture(proxy).send("http://8.8.8.8/").status == status)
    }

    @Test(arguments: [407, 511])
    func withoutAProxyTheyAreTheApps(_ status: Int) throws {
        let receiver = try RawReceiver("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n")

        #expect(try SenderFixture().send(receiver.url()).status == status)
    }

    @Test(arguments: ["http", "https"])
    func aProxyThatClosesWithoutAWordIsTheProxysFailure(_ scheme: String) throws {
        let proxy = try RawReceiver("")

        let result = try fixture(proxy).send("\(scheme)://8.8.8.8/")

        #expect(proxy.targets.count == 1)
        #expect(result.failure == .proxy, "\(result)")
    }

    /// The tunnel is open: what follows is the receiver's.
    @Test func aTunnelThatEndsIsNotTheProxysFailure() throws {
        let proxy = try RawReceiver("HTTP/1.1 200 Connected\r\n\r\n")

        let result = try fixture(proxy).send("https://8.8.8.8/")

        #expect(result.failure == .tls, "\(result)")
    }

    @Test func aResponseThatIsCutBehindAProxyIsTheReceivers() throws {
        let proxy = try RawReceiver("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")

        #expect(try fixture(proxy).send("http://8.8.8.8/").failure == .connection)
    }
}
