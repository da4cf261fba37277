/// A name or address with a port: `mail.example:25`, `127.0.0.1:8125`, `[::1]:8125`.
package struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
    /// IPv6 addresses without brackets.
    package let host: String
    /// Nil when there was none.
    package let port: UInt16?

    /// Reads `HOST`, `HOST:PORT` and the same with an IPv6 address in brackets; nil for anything else.
    package init?(parsing text: some StringProtocol) {
        let host: String
        var rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = String(text[..<end].dropFirst())
            rest = Substring(text[text.index(after: end)...])
            guard host.contains(":"), host.utf8.allSatisfy(Self.isInAddress) else { return nil }
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = String(text[..<colon])
            rest = Substring(text[colon...])
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.isInName) else { return nil }
        }
        self.host = host
        guard !rest.isEmpty else {
            port = nil
            return
        }
        guard rest.removeFirst() == ":", rest.utf8.allSatisfy(Self.isDigit), let port = UInt16(rest), port > 0
        else { return nil }
        self.port = port
    }

    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// IPv4 addresses inside of IPv6 ones are written with dots.
    private static func isInAddress(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...102).contains(byte | 0x20) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...122).contains(byte | 0x20) || "-._".utf8.contains(byte)
    }
}
