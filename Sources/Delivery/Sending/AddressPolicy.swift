/// Which addresses webhooks may be sent to.
///
/// Public unicast addresses are allowed; every other one is refused unless a network of the allow-list contains it. The
/// policy is asked with the address a connection is about to be made to, never with a name: spelling, redirects and a
/// name server that changes its mind make no difference.
///
/// An IPv6 address that carries IPv4 addresses inside (mapped, NAT64, 6to4, Teredo) needs both: its own form must be
/// allowed, and each address inside by itself.
package struct AddressPolicy: Hashable, Sendable {
    package let allowed: [CIDR]

    /// - Parameter allowed: networks that may be reached although they are not public.
    package init(allowing allowed: [CIDR] = []) {
        self.allowed = allowed
    }

    /// Reads a list of networks separated by commas or spaces, as a setting holds it; an empty text is an empty list.
    package init(parsing list: String) throws(CIDRError) {
        var networks: [CIDR] = []
        for text in list.split(whereSeparator: { $0 == "," || $0 == " " }) {
            networks.append(try CIDR(parsing: String(text)))
        }
        self.init(allowing: networks)
    }

    /// Why `address` must not be connected to; nil when it may be.
    package func refusal(of address: IPAddress) -> AddressRefusal? {
        if let range = SpecialRange.containing(address), !allowed.contains(where: { $0.contains(address) }) {
            return AddressRefusal(address: address, range: range.name)
        }
        for inner in SpecialRange.embedded(in: address) where refusal(of: inner) != nil {
            return AddressRefusal(address: address, range: "holds \(inner), \(refusal(of: inner)?.range ?? "")")
        }
        return nil
    }
}

/// An address that must not be connected to, and why.
package struct AddressRefusal: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    /// What kind of address it is: `loopback`, `private`, ….
    package let range: String

    package var description: String { "\(address) is not a public address (\(range))" }
}
