import Delivery
import Testing

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

        #expect(error?.description == "network \"10.1.2.3/8\" has bits set behind its prefix: did you mean 10.0.0.0/8?")
    }

    @Test func aListNamesTheNetworkThatIsWrong() {
        #expect(throws: CIDRError.notAnAddress("10.x")) { try AddressPolicy(parsing: "127.0.0.1/32, 10.x") }
    }
}
