import Glibc
import ResponderSupport

/// Makes a listening TCP socket. Every peer is trusted like the web server: meant for 127.0.0.1 and containers.
struct NetworkListener {
    let host: String
    let port: UInt16

    func open(backlog: Int32) throws(ListeningError) -> ListeningSocket {
        guard let address = NetworkAddress(host: host, port: port) else {
            throw .failed(call: "inet_pton", address: host, code: EINVAL)
        }
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket") }
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // Without it a restart would have to wait for the last connections' TIME_WAIT.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        // Connections inherit it: the last segment of a response shall not wait for an acknowledgement.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
        if address.family == AF_INET6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
        }
        guard address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else { throw failure("bind", descriptor) }
        guard listen(descriptor, backlog) == 0 else { throw failure("listen", descriptor) }
        return ListeningSocket(descriptor: descriptor, ownership: .own(file: nil))
    }

    private func failure(_ call: String, _ descriptor: Int32 = -1) -> ListeningError {
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        return .failed(call: call, address: "\(host):\(port)", code: code)
    }
}
