/// A network: an address and a prefix length, such as `10.0.0.0/8` or `fc00::/7`.
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    package let network: IPAddress
    /// 0…32 for IPv4, 0…128 for IPv6.
    package let prefixLength: Int

    /// Parses `address/length`; an address alone is a network of one address.
    ///
    /// - Throws: why the text is invalid; bits set after the prefix are refused, since they are most often a typing
    ///   error that would allow more than was meant.
    package init(parsing text: String) throws(CIDRError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts.first ?? "")) else { throw .notAnAddress(text) }
        var length = address.bitCount
        if parts.count == 2 {
            guard let value = Int(parts[1]), parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                (0...address.bitCount).contains(value)
            else { throw .badLength(text, maximum: address.bitCount) }
            length = value
        }
        guard address.masked(to: length) == address else {
            throw .bitsAfterPrefix(text, meant: "\(address.masked(to: length))/\(length)")
        }
        network = address
        prefixLength = length
    }

    /// For tables in the source; bits after the prefix are cleared.
    package init(_ network: IPAddress, _ prefixLength: Int) {
        self.network = network.masked(to: prefixLength)
        self.prefixLength = prefixLength
    }

    /// Parses networks separated by commas or spaces; an empty string is an empty list.
    package static func list(parsing text: String) throws(CIDRError) -> [CIDR] {
        var networks: [CIDR] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            networks.append(try CIDR(parsing: String(part)))
        }
        return networks
    }

    package func contains(_ address: IPAddress) -> Bool {
        network.bitCount == address.bitCount && address.masked(to: prefixLength) == network
    }

    package var description: String { "\(network)/\(prefixLength)" }
}

/// Why the text of a network is invalid.
package enum CIDRError: Error, Hashable, Sendable, CustomStringConvertible {
    case notAnAddress(String)
    case badLength(String, maximum: Int)
    case bitsAfterPrefix(String, meant: String)

    package var description: String {
        switch self {
        case .notAnAddress(let text):
            "\"\(text)\" is not a network: write it as 10.1.0.0/16 or fd00:1::/32"
        case .badLength(let text, let maximum):
            "the prefix length of network \"\(text)\" is not a number from 0 to \(maximum)"
        case .bitsAfterPrefix(let text, let meant):
            "network \"\(text)\" has bits set after its prefix: did you mean \(meant)?"
        }
    }
}

extension IPAddress {
    var bitCount: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The address with all but its first `length` bits cleared.
    func masked(to length: Int) -> IPAddress {
        switch self {
        case .v4(let bits): .v4(bits & ~(UInt32.max >> UInt32(length)))
        case .v6(let high, let low):
            .v6(high & ~(UInt64.max >> UInt64(min(length, 64))), low & ~(UInt64.max >> UInt64(max(0, length - 64))))
        }
    }
}
