import Delivery
import System
import Testing

struct AddressPolicyTests {
    /// First and last address of each range that is not public, and the ones just outside it.
    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.0",
        "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0",
        "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.1", "192.168.0.0",
        "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0",
        "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255",
    ])
    func specialIPv4AddressesAreRefused(_ text: String) throws {
        let address = try #require(IPAddress(text))

        #expect(AddressPolicy().refusal(of: address) != nil)
    }

    @Test(arguments: [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
        "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8",
    ])
    func theirPublicNeighboursAreNot(_ text: String) throws {
        let address = try #require(IPAddress(text))

        #expect(AddressPolicy().refusal(of: address) == nil)
    }

    @Test(arguments: [
        ("::", "unspecified"), ("::1", "loopback"), ("::2", "IPv4-compatible"), ("::8.8.8.8", "IPv4-compatible"),
        ("::ffff:127.0.0.1", "IPv4-mapped"), ("::ffff:8.8.8.8", "IPv4-mapped"), ("64:ff9b::8.8.8.8", "NAT64"),
        ("64:ff9b:1::1", "local NAT64"), ("64:ff9b:1:ffff::1", "local NAT64"), ("64:ff9b:2::1", "reserved"),
        ("100::1", "discard-only"), ("100:0:0:1::1", "reserved"), ("2001::1", "Teredo"),
        ("2001:2::1", "benchmarking"), ("2001:20::1", "protocol assignments"),
        ("2001:1ff:ffff::1", "protocol assignments"), ("2001:db8::1", "documentation"), ("2002::1", "6to4"),
        ("3fff::1", "documentation"), ("3fff:fff:ffff::1", "documentation"), ("fc00::1", "unique local"),
        ("fdff:ffff::1", "unique local"), ("fe80::1", "link-local"), ("febf::1", "link-local"),
        ("fec0::1", "site-local"), ("ff02::1", "multicast"), ("1fff:ffff::1", "reserved"), ("4000::1", "reserved"),
        ("8000::1", "reserved"), ("fbff::1", "reserved"), ("fe00::1", "reserved"),
    ])
    func specialIPv6AddressesAreRefusedByName(_ text: String, _ range: String) throws {
        let address = try #require(IPAddress(text))

        #expect(AddressPolicy().refusal(of: address)?.range == range)
    }

    @Test(arguments: [
        "2000::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1111", "2a00:1450::1", "3ffe::1",
        "3fff:1000::1",
    ])
    func globalUnicastIsAllowed(_ text: String) throws {
        let address = try #require(IPAddress(text))

        #expect(AddressPolicy().refusal(of: address) == nil)
    }

    @Test func aNetworkOfTheListAllowsExactlyItsAddresses() throws {
        let policy = try AddressPolicy(parsing: "10.1.0.0/16, fd00:1::/32 127.0.0.1")
        let refused = { (text: String) in try policy.refusal(of: #require(IPAddress(text))) != nil }

        #expect(try !refused("10.1.0.0") && !refused("10.1.255.255"))
        #expect(try refused("10.0.255.255") && refused("10.2.0.0"))
        #expect(try !refused("fd00:1:ffff::1"))
        #expect(try refused("fd00:2::1"))
        #expect(try !refused("127.0.0.1"))
        #expect(try refused("127.0.0.2") && refused("::1") && refused("::ffff:127.0.0.1"))
    }

    /// A gateway's prefix being allowed does not open what lies behind it.
    @Test(arguments: [
        ("::ffff:0:0/96", "::ffff:8.8.8.8", "::ffff:10.0.0.1"),
        ("::/96", "::8.8.8.8", "::127.0.0.1"),
        ("64:ff9b::/96", "64:ff9b::8.8.8.8", "64:ff9b::169.254.169.254"),
        ("64:ff9b:1::/48", "64:ff9b:1::8.8.8.8", "64:ff9b:1::192.168.0.1"),
        ("2002::/16", "2002:808:808::1", "2002:7f00:1::1"),
        // Teredo: the server as it is, the client with all its bits turned (0.0.0.1's is ffff:fffe).
        ("2001::/32", "2001:0:808:808::f7f7:f7f7", "2001:0:a00:1::f7f7:f7f7"),
        ("2001::/32", "2001:0:808:808::f7f7:f7f7", "2001:0:808:808::f5ff:fffe"),
    ])
    func addressesInsideAreJudgedToo(_ network: String, _ open: String, _ closed: String) throws {
        let policy = try AddressPolicy(parsing: network)

        #expect(policy.refusal(of: try #require(IPAddress(open))) == nil)
        #expect(policy.refusal(of: try #require(IPAddress(closed))) != nil)
        #expect(AddressPolicy().refusal(of: try #require(IPAddress(open))) != nil)
    }

    @Test func theRefusalNamesAddressAndRange() throws {
        let refusal = AddressPolicy().refusal(of: try #require(IPAddress("169.254.169.254")))

        #expect(refusal?.description == "169.254.169.254 is not a public address (link-local)")
    }
}

struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3", "10.1.2.3/32"), ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
        ("FD00:0::/8", "fd00::/8"), ("::1", "::1/128"), ("2001:db8::/65", "2001:db8::/65"),
        ("::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104"),
    ])
    func networksAreRead(_ text: String, _ normal: String) throws {
        #expect(try CIDR(parsing: text).description == normal)
    }

    @Test(arguments: [
        "", "/8", "10/8", "10.0.0/8", "0x0a.0.0.0/8", "2130706433", "localhost", "10.0.0.0.0/8", "fe80::1%lo", "[::1]",
    ])
    func otherTextsAreNoNetworks(_ text: String) {
        #expect(throws: CIDRError.notAnAddress(text)) { try CIDR(parsing: text) }
    }

    @Test(arguments: [
        ("10.0.0.0/33", 32), ("10.0.0.0/", 32), ("10.0.0.0/-1", 32), ("10.0.0.0/+8", 32), ("10.0.0.0/8/8", 32),
        ("::/129", 128), ("::/x", 128),
    ])
    func lengthsOutsideTheFamilysAreRefused(_ text: String, _ maximum: Int) {
        #expect(throws: CIDRError.badLength(text, maximum: maximum)) { try CIDR(parsing: text) }
    }

    @Test func bitsBehindThePrefixAreRefusedWithWhatWasMeant() {
        let error = #expect(throws: CIDRError.self) { try CIDR(parsing: "10.1.2.3/8") }

        #expect(error?.description == "network \"10.1.2.3/8\" has bits set after its prefix: did you mean 10.0.0.0/8?")
    }

    @Test func aListNamesTheNetworkThatIsWrong() {
        #expect(throws: CIDRError.notAnAddress("10.x")) { try AddressPolicy(parsing: "127.0.0.1/32, 10.x") }
    }
}
