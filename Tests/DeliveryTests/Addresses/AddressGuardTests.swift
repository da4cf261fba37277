import Delivery
import Foundation
import Model
import System
import TestSupport
import Testing

/// The guard against forbidden addresses, with receivers that really listen there.
struct AddressGuardTests {
    /// Spellings of addresses of this machine. Full-width and circled digits are digits to a resolver.
    static let spellings = [
        "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "sub.localhost", "127.1", "127.0.1", "2130706433",
        "0x7f000001", "0x7f.1", "0x7F.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.01", "127.0.0.2",
        "127.255.255.254",
        "0", "0.0.0.0", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        "１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "%31%32%37.0.0.1", "user@127.0.0.1", "example.com@127.0.0.1",
    ]

    @Test(arguments: spellings)
    func noSpellingOfLoopbackIsConnectedTo(_ host: String) throws {
        let receiver = try WebhookReceiver(addresses: ["127.0.0.1", "::1"])
        let fixture = try SenderFixture { $0.addresses = AddressPolicy() }

        let result = try fixture.send(receiver.url("/", host: host))

        // A name server that is asked for a strange spelling may say that there is no such name, or nothing at all.
        let isStopped = result.failure.map { [.blockedAddress, .dns, .invalidURL, .timeout].contains($0) }
        #expect(isStopped == true, "\(result)")
        #expect(receiver.acceptedConnections == 0)
    }

    /// The spellings that this system understands are refused, not merely unreachable.
    @Test(arguments: [
        "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]",
        "１２７.0.0.1", "user@127.0.0.1", "127.0.0.1.", "2130706433.", "0x7f000001.",
    ])
    func theReasonIsABlockedAddress(_ host: String) throws {
        let receiver = try WebhookReceiver(addresses: ["127.0.0.1", "::1"])
        let fixture = try SenderFixture { $0.addresses = AddressPolicy() }

        let result = try fixture.send(receiver.url("/", host: host))

        #expect(result.failure == .blockedAddress)
        #expect(result.detail?.contains("is not a public address") == true)
        #expect(result.address == nil)
    }

    /// The control: the same receiver is reached once its network is allowed.
    @Test(arguments: ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "１２７.0.0.1"])
    func theSameSpellingsReachAnAllowedNetwork(_ host: String) throws {
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture { $0.addresses = try AddressPolicy(parsing: "127.0.0.1/32") }

        #expect(try fixture.send(receiver.url("/", host: host)).status == 200)
    }

    @Test func anIPv6ReceiverIsReachedOnlyByItsOwnNetwork() throws {
        let receiver = try WebhookReceiver(addresses: ["127.0.0.1", "::1"])
        let six = try SenderFixture { $0.addresses = try AddressPolicy(parsing: "::1") }
        let four = try SenderFixture { $0.addresses = try AddressPolicy(parsing: "127.0.0.0/8") }
        let mapped = try SenderFixture { $0.addresses = try AddressPolicy(parsing: "127.0.0.0/8 ::ffff:0:0/96") }

        #expect(try six.send(receiver.url("/", host: "[::1]")).status == 200)
        #expect(try four.send(receiver.url("/", host: "[::1]")).failure == .blockedAddress)
        #expect(try four.send(receiver.url("/", host: "[::ffff:127.0.0.1]")).failure == .blockedAddress)
        #expect(try mapped.send(receiver.url("/", host: "[::ffff:127.0.0.1]")).status == 200)
    }

    /// Nothing is asked of the network: none of these is a place this machine may talk to.
    @Test(arguments: [
        "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.0.1", "192.0.2.1", "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fec0::1]", "[ff02::1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::1]", "[100::1]", "[2001:db8::1]",
        "0xa9fea9fe", "2852039166",
    ])
    func otherForbiddenAddressesAreRefusedAtOnce(_ host: String) throws {
        let fixture = try SenderFixture { $0.addresses = AddressPolicy() }

        #expect(try fixture.send("http://\(host)/").failure == .blockedAddress)
    }

    @Test func aRedirectToAForbiddenAddressGoesNowhere() throws {
        let forbidden = try WebhookReceiver(addresses: ["127.0.0.2"])
        let receiver = try WebhookReceiver()
        let fixture = try SenderFixture { $0.addresses = try AddressPolicy(parsing: "127.0.0.1") }

        let result = try fixture.send(receiver.url("/redirect?\(forbidden.url("/", host: "127.0.0.2"))"))

        #expect(result.status == 302)
        #expect(forbidden.acceptedConnections == 0)
    }

    /// Behind a proxy the addresses written in URLs are still judged; the proxy itself may be anywhere.
    @Test func anOutgoingProxyDoesNotOpenForbiddenAddresses() throws {
        let proxy = try WebhookReceiver()
        let fixture = try SenderFixture {
            $0.addresses = AddressPolicy()
            $0.proxy = Secret("http://127.0.0.1:\(proxy.port)")
        }

        let hosts = [
            "127.0.0.1", "localhost", "2130706433", "[::1]", "１２７.0.0.1", "169.254.169.254", "10.0.0.1",
            "127.0.0.1.", "2130706433.", "0x7f000001.", "0x7f.1.", "0177.0.0.1.", "127.1..", "localhost.",
            "sub.localhost.", "１２７.0.0.1.", "%31%32%37.0.0.1.", "[::ffff:127.0.0.1]", "0xa9fea9fe.",
        ]
        for host in hosts {
            #expect(try fixture.send("http://\(host)/").failure == .blockedAddress, "\(host)")
            #expect(try fixture.send("https://\(host)/").failure == .blockedAddress, "\(host)")
        }
        for host in ["127.0.0.256", "4294967297", "127.0.0.1.1", "%31.2.3.4.5"] {
            #expect(try fixture.send("http://\(host)/").failure == .invalidURL, "\(host)")
        }
        let open = try fixture.send("http://8.8.8.8/status/201")

        #expect(open.status == 200)
        #expect(proxy.received.map(\.path) == ["http://8.8.8.8/status/201"])
    }

    @Test func proxiesOfTheEnvironmentAreNotAsked() throws {
        let proxy = try WebhookReceiver()
        let receiver = try WebhookReceiver()
        for name in ["http_proxy", "ALL_PROXY", "all_proxy"] { setenv(name, "http://127.0.0.1:\(proxy.port)", 1) }
        defer { for name in ["http_proxy", "ALL_PROXY", "all_proxy"] { unsetenv(name) } }
        let fixture = try SenderFixture()

        let result = try fixture.send(receiver.url("/"))

        #expect(result.status == 200)
        #expect(proxy.acceptedConnections == 0)
    }

    @Test func aProxyThatIsDownOrRefusesIsTheProxysFailure() throws {
        let proxy = try Nginx(server: "return 200;")
        let down = try SenderFixture { $0.proxy = Secret("http://127.0.0.1:\(try freePort())") }
        let refusing = try SenderFixture { $0.proxy = Secret("http://user:sesame@127.0.0.1:\(proxy.port)") }

        let unreachable = try down.send("http://8.8.8.8/")
        let tunnel = try refusing.send("https://8.8.8.8/")

        #expect(unreachable.failure == .proxy)
        #expect(tunnel.failure == .proxy)
        // What nginx says to CONNECT.
        #expect(
            ["the outgoing proxy responded with 400", "the outgoing proxy responded with 405"].contains(tunnel.detail))
    }
}
