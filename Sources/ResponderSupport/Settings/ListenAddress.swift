/// Where to listen, as in the setting `listen`.
package enum ListenAddress: Hashable, Sendable {
    /// What the program was started with: systemd's socket, descriptor 0, or plain CGI.
    case inherited
    case unix(path: String)
    /// `host` is an IPv4 or IPv6 address, never a name.
    case network(host: String, port: UInt16)

    /// The longest path that fits into a `sockaddr_un`.
    package static let maximumPathBytes = 107

    /// Reads `inherited`, `unix:PATH`, `HOST:PORT` or `[HOST]:PORT`; nil for anything else.
    package init?(setting: String) {
        if setting == "inherited" {
            self = .inherited
            return
        }
        if setting.hasPrefix("unix:") {
            let path = String(setting.dropFirst("unix:".count))
            guard !path.isEmpty, path.utf8.count <= Self.maximumPathBytes else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = setting.lastIndex(of: ":") else { return nil }
        let digits = setting[setting.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits), port > 0
        else { return nil }
        var host = setting[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard NetworkAddress(host: String(host), port: port) != nil else { return nil }
        self = .network(host: String(host), port: port)
    }
}
