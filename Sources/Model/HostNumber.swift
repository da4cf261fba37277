/// The IPv4 address that a host's text stands for.
///
/// Resolvers, proxies and browsers read more texts as addresses than dotted decimal: one to four parts, each decimal,
/// octal (`0177`) or hexadecimal (`0x7f`), with a dot at the end or without. All of them are read here, by the rules of
/// browsers (WHATWG URL, "IPv4 parser"), so that no spelling of an address passes for a name.
package enum HostNumber: Hashable, Sendable {
    /// In host byte order: 127.0.0.1 is 0x7F000001.
    case address(UInt32)
    /// Ends in a number, as no name does, but is not an address: programs disagree on what it stands for.
    case invalid
    /// Not a number: a name, or an IPv6 address.
    case name

    /// Classifies the host of a URL, in ASCII and without brackets.
    package init(_ host: String) {
        var labels = Array(host.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        while labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard let last = labels.last, HostNumber.isNumber(last), !host.utf8.contains(UInt8(ascii: ":")) else {
            self = .name
            return
        }
        let numbers = labels.compactMap(HostNumber.number)
        guard labels.count <= 4, numbers.count == labels.count, let address = HostNumber.address(numbers) else {
            self = .invalid
            return
        }
        self = .address(address)
    }

    private static func isNumber(_ label: ArraySlice<UInt8>) -> Bool {
        !label.isEmpty && label.allSatisfy { (0x30...0x39).contains($0) } || number(label) != nil
    }

    /// The value of one part, at most 2³²; nil when it is no number.
    private static func number(_ label: ArraySlice<UInt8>) -> UInt64? {
        guard let first = label.first else { return nil }
        var digits = label
        var base: UInt64 = 10
        if first == UInt8(ascii: "0"), label.count > 1 {
            let isHexadecimal = label[label.startIndex + 1] | 0x20 == UInt8(ascii: "x")
            base = isHexadecimal ? 16 : 8
            digits = label.dropFirst(isHexadecimal ? 2 : 1)
        }
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = digit(byte), digit < base else { return nil }
            value = min(value * base + digit, 1 << 32)
        }
        return value
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x41...0x46: UInt64(byte - 0x37)
        case 0x61...0x66: UInt64(byte - 0x57)
        default: nil
        }
    }

    /// Each part but the last is one byte; the last one fills the remaining bytes.
    private static func address(_ numbers: [UInt64]) -> UInt32? {
        guard let last = numbers.last, numbers.dropLast().allSatisfy({ $0 < 256 }),
            last < 1 << UInt64(8 * (5 - numbers.count))
        else { return nil }
        var address = last
        for (index, number) in numbers.dropLast().enumerated() { address |= number << UInt64(8 * (3 - index)) }
        return UInt32(address)
    }
}
