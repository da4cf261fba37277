/// Which addresses webhooks may be sent to.
///
/// Public unicast addresses are allowed; any other address is refused unless a network of the allow-list contains it.
/// The policy checks the address that a connection is about to be made to, never a name: spelling, redirects and DNS
/// rebinding make no difference.
///
/// For an IPv6 address that embeds IPv4 addresses (mapped, NAT64, 6to4, Teredo) both are checked: the IPv6 address and
/// each embedded address must be allowed.
package struct AddressPolicy: Hashable, Sendable {
    package let allowed: [CIDR]

    /// - Parameter allowed: networks that may be reached although they are not public.
    package init(allowing allowed: [CIDR] = []) {
        self.allowed = allowed
    }

    /// Parses a list of networks separated by commas or spaces; an empty string is an empty list.
    package init(parsing list: String) throws(CIDRError) {
        self.init(allowing: try CIDR.list(parsing: list))
    }

    /// Why `address` must not be connected to; nil when it may be.
    package func refusal(of address: IPAddress) -> AddressRefusal? {
        if let range = SpecialPurposeRange.containing(address), !allowed.contains(where: { $0.contains(address) }) {
            return AddressRefusal(address: address, range: range.name)
        }
        for inner in SpecialPurposeRange.embedded(in: address) where refusal(of: inner) != nil {
            return AddressRefusal(address: address, range: "embeds \(inner), \(refusal(of: inner)?.range ?? "")")
        }
        return nil
    }
}

/// An address that must not be connected to, and why.
package struct AddressRefusal: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    /// The kind of address: `loopback`, `private`, ….
    package let range: String

    package var description: String { "\(address) is not a public address (\(range))" }
}

/// A range of addresses that are not public unicast (IANA's special-purpose registries for IPv4 and IPv6).
struct SpecialPurposeRange {
    let network: CIDR
    let name: String

    private init(_ address: UInt32, _ length: Int, _ name: String) {
        network = CIDR(.v4(address), length)
        self.name = name
    }

    private init(six high: UInt64, low: UInt64 = 0, _ length: Int, _ name: String) {
        network = CIDR(.v6(high, low), length)
        self.name = name
    }

    /// The range that contains `address`; nil for a public unicast address.
    static func containing(_ address: IPAddress) -> SpecialPurposeRange? {
        switch address {
        case .v4: four.first { $0.network.contains(address) }
        case .v6: six.first { $0.network.contains(address) }
        }
    }

    private static let four = [
        SpecialPurposeRange(0x0000_0000, 8, "this network"),
        SpecialPurposeRange(0x0A00_0000, 8, "private"),
        SpecialPurposeRange(0x6440_0000, 10, "carrier-grade NAT"),
        SpecialPurposeRange(0x7F00_0000, 8, "loopback"),
        SpecialPurposeRange(0xA9FE_0000, 16, "link-local"),
        SpecialPurposeRange(0xAC10_0000, 12, "private"),
        SpecialPurposeRange(0xC000_0000, 24, "protocol assignments"),
        SpecialPurposeRange(0xC000_0200, 24, "documentation"),
        SpecialPurposeRange(0xC058_6300, 24, "6to4 relays"),
        SpecialPurposeRange(0xC0A8_0000, 16, "private"),
        SpecialPurposeRange(0xC612_0000, 15, "benchmarking"),
        SpecialPurposeRange(0xC633_6400, 24, "documentation"),
        SpecialPurposeRange(0xCB00_7100, 24, "documentation"),
        SpecialPurposeRange(0xE000_0000, 4, "multicast"),
        SpecialPurposeRange(0xFFFF_FFFF, 32, "broadcast"),
        SpecialPurposeRange(0xF000_0000, 4, "reserved"),
    ]

    /// Global unicast is 2000::/3: all addresses outside it are special, also unassigned ones.
    private static let six = [
        SpecialPurposeRange(six: 0, 128, "unspecified"),
        SpecialPurposeRange(six: 0, low: 1, 128, "loopback"),
        SpecialPurposeRange(six: 0, low: 0x0000_FFFF_0000_0000, 96, "IPv4-mapped"),
        SpecialPurposeRange(six: 0, 96, "IPv4-compatible"),
        SpecialPurposeRange(six: 0x0064_FF9B_0000_0000, 96, "NAT64"),
        SpecialPurposeRange(six: 0x0064_FF9B_0001_0000, 48, "local NAT64"),
        SpecialPurposeRange(six: 0x0100_0000_0000_0000, 64, "discard-only"),
        SpecialPurposeRange(six: 0x2001_0000_0000_0000, 32, "Teredo"),
        SpecialPurposeRange(six: 0x2001_0002_0000_0000, 48, "benchmarking"),
        SpecialPurposeRange(six: 0x2001_0000_0000_0000, 23, "protocol assignments"),
        SpecialPurposeRange(six: 0x2001_0DB8_0000_0000, 32, "documentation"),
        SpecialPurposeRange(six: 0x2002_0000_0000_0000, 16, "6to4"),
        SpecialPurposeRange(six: 0x3FFF_0000_0000_0000, 20, "documentation"),
        SpecialPurposeRange(six: 0xFC00_0000_0000_0000, 7, "unique local"),
        SpecialPurposeRange(six: 0xFE80_0000_0000_0000, 10, "link-local"),
        SpecialPurposeRange(six: 0xFEC0_0000_0000_0000, 10, "site-local"),
        SpecialPurposeRange(six: 0xFF00_0000_0000_0000, 8, "multicast"),
        SpecialPurposeRange(six: 0x0000_0000_0000_0000, 3, "reserved"),
        SpecialPurposeRange(six: 0x4000_0000_0000_0000, 2, "reserved"),
        SpecialPurposeRange(six: 0x8000_0000_0000_0000, 1, "reserved"),
    ]

    /// The IPv4 addresses embedded in an IPv6 address, to which a gateway or the system would forward the traffic.
    ///
    /// In the local NAT64 range the position depends on the gateway; the last 32 bits are used, as in the usual /96.
    static func embedded(in address: IPAddress) -> [IPAddress] {
        guard case .v6(let high, let low) = address, let range = containing(address) else { return [] }
        let last = UInt32(truncatingIfNeeded: low)
        switch range.name {
        case "IPv4-mapped", "IPv4-compatible", "NAT64", "local NAT64": return [.v4(last)]
        case "6to4": return [.v4(UInt32(truncatingIfNeeded: high >> 16))]
        case "Teredo": return [.v4(UInt32(truncatingIfNeeded: high)), .v4(~last)]
        default: return []
        }
    }
}
