/// A range of addresses that are not public unicast (IANA's special-purpose registries for IPv4 and IPv6).
struct SpecialRange {
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

    /// The range that makes `address` special; nil for a public unicast address.
    static func containing(_ address: IPAddress) -> SpecialRange? {
        switch address {
        case .v4: four.first { $0.network.contains(address) }
        case .v6: six.first { $0.network.contains(address) }
        }
    }

    private static let four = [
        SpecialRange(0x0000_0000, 8, "this network"),
        SpecialRange(0x0A00_0000, 8, "private"),
        SpecialRange(0x6440_0000, 10, "carrier-grade NAT"),
        SpecialRange(0x7F00_0000, 8, "loopback"),
        SpecialRange(0xA9FE_0000, 16, "link-local"),
        SpecialRange(0xAC10_0000, 12, "private"),
        SpecialRange(0xC000_0000, 24, "protocol assignments"),
        SpecialRange(0xC000_0200, 24, "documentation"),
        SpecialRange(0xC058_6300, 24, "6to4 relays"),
        SpecialRange(0xC0A8_0000, 16, "private"),
        SpecialRange(0xC612_0000, 15, "benchmarking"),
        SpecialRange(0xC633_6400, 24, "documentation"),
        SpecialRange(0xCB00_7100, 24, "documentation"),
        SpecialRange(0xE000_0000, 4, "multicast"),
        SpecialRange(0xFFFF_FFFF, 32, "broadcast"),
        SpecialRange(0xF000_0000, 4, "reserved"),
    ]

    /// Global unicast is 2000::/3, so that everything outside it is special, also what has no name yet.
    private static let six = [
        SpecialRange(six: 0, 128, "unspecified"),
        SpecialRange(six: 0, low: 1, 128, "loopback"),
        SpecialRange(six: 0, low: 0x0000_FFFF_0000_0000, 96, "IPv4-mapped"),
        SpecialRange(six: 0, 96, "IPv4-compatible"),
        SpecialRange(six: 0x0064_FF9B_0000_0000, 96, "NAT64"),
        SpecialRange(six: 0x0064_FF9B_0001_0000, 48, "local NAT64"),
        SpecialRange(six: 0x0100_0000_0000_0000, 64, "discard-only"),
        SpecialRange(six: 0x2001_0000_0000_0000, 32, "Teredo"),
        SpecialRange(six: 0x2001_0002_0000_0000, 48, "benchmarking"),
        SpecialRange(six: 0x2001_0000_0000_0000, 23, "protocol assignments"),
        SpecialRange(six: 0x2001_0DB8_0000_0000, 32, "documentation"),
        SpecialRange(six: 0x2002_0000_0000_0000, 16, "6to4"),
        SpecialRange(six: 0x3FFF_0000_0000_0000, 20, "documentation"),
        SpecialRange(six: 0xFC00_0000_0000_0000, 7, "unique local"),
        SpecialRange(six: 0xFE80_0000_0000_0000, 10, "link-local"),
        SpecialRange(six: 0xFEC0_0000_0000_0000, 10, "site-local"),
        SpecialRange(six: 0xFF00_0000_0000_0000, 8, "multicast"),
        SpecialRange(six: 0x0000_0000_0000_0000, 3, "reserved"),
        SpecialRange(six: 0x4000_0000_0000_0000, 2, "reserved"),
        SpecialRange(six: 0x8000_0000_0000_0000, 1, "reserved"),
    ]

    /// The IPv4 addresses that an IPv6 address carries, to which a gateway or the system itself would pass the traffic.
    ///
    /// In the local NAT64 range the place depends on the gateway; the last 32 bits are taken, as in its usual /96.
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
