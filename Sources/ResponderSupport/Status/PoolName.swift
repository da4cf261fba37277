import Glibc

/// The name that distinguishes a responder from others: where it listens.
enum PoolName {
    /// `hookline-1` for a socket `/run/hookline/hookline-1.sock`, `127.0.0.1:9000` for a port; nil when it
    /// cannot be determined.
    static func of(descriptor: Int32) -> String? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &length) == 0 }
        }
        guard isKnown else { return nil }
        let family = Int32(address.ss_family)
        return withUnsafeBytes(of: address) { bytes in
            switch family {
            case AF_UNIX: unixName(UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(length)).dropFirst(2)))
            case AF_INET, AF_INET6: networkName(bytes, length)
            default: nil
            }
        }
    }

    private static func unixName(_ path: UnsafeRawBufferPointer) -> String? {
        let text = String(decoding: path.drop { $0 == 0 }.prefix { $0 != 0 }, as: UTF8.self)
        let file = text.split(separator: "/").last.map(String.init) ?? ""
        let name = file.hasSuffix(".sock") ? String(file.dropLast(".sock".count)) : file
        return name.isEmpty ? nil : name
    }

    private static func networkName(_ address: UnsafeRawBufferPointer, _ length: socklen_t) -> String? {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let code = address.withMemoryRebound(to: sockaddr.self) {
            getnameinfo(
                $0.baseAddress, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
                NI_NUMERICHOST | NI_NUMERICSERV)
        }
        guard code == 0 else { return nil }
        let (hostText, portText) = (text(host), text(port))
        return hostText.contains(":") ? "[\(hostText)]:\(portText)" : "\(hostText):\(portText)"
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
