import Foundation

/// A name server on a loopback address, UDP port 53: for a program started with `resolverCommand`, which sees it as the
/// machine's only one. Needs the superuser, as the port does.
package final class DNSServer: @unchecked Sendable {
    package enum Response: Sendable {
        case addresses([String])
        case noSuchName
        /// No response.
        case silence
    }

    package let address: String
    private let directory: TemporaryDirectory
    private let descriptor: Int32
    private let lock = NSLock()
    private var questions: [String] = []

    /// - Parameter respond: gets a name in lower case and the count of earlier queries for its IPv4 addresses; IPv6 queries
    ///   get an empty response, or none.
    package init(respond: @escaping @Sendable (String, Int) -> Response) throws {
        let address = "127.77.\(UInt8.random(in: 0...255)).\(UInt8.random(in: 1...254))"
        self.address = address
        directory = try TemporaryDirectory()
        try directory.write("nameserver \(address)\noptions timeout:5 attempts:2\n", to: "resolv.conf")
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var here = sockaddr_in()
        here.sin_family = sa_family_t(AF_INET)
        here.sin_port = UInt16(53).bigEndian
        inet_pton(AF_INET, address, &here.sin_addr)
        let isBound = withUnsafePointer(to: &here) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else { throw TestSupportError("cannot bind \(address) port 53: errno \(errno)") }
        Thread.detachNewThread { [weak self, descriptor] in
            while let (question, peer) = DNSServer.receive(descriptor) {
                guard let self else { break }
                if let reply = self.reply(to: question, respond: respond) {
                    DNSServer.send(reply, to: peer, descriptor)
                }
            }
            close(descriptor)
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The names whose IPv4 address was asked for, in order.
    package var asked: [String] { lock.withLock { questions } }

    /// A command that runs a program whose name server is this one: in a mount namespace of its own, with another
    /// `/etc/resolv.conf` laid over the machine's.
    package func resolverCommand(_ arguments: [String]) -> [String] {
        let script = #"mount --bind "$0" /etc/resolv.conf && exec "$@""#
        return ["unshare", "--mount", "sh", "-c", script, directory.file("resolv.conf")] + arguments
    }

    /// Whether `resolverCommand` can work here.
    package static var isPossible: Bool {
        guard getuid() == 0 else { return false }
        return (try? ChildProcess.run(["unshare", "--mount", "true"]).status) == .exited(0)
    }

    private func reply(to question: [UInt8], respond: (String, Int) -> Response) -> [UInt8]? {
        guard question.count > 16, let (name, end) = Self.name(in: question), end + 4 <= question.count else {
            return nil
        }
        let isFour = question[end + 1] == 1
        let earlier = lock.withLock {
            defer { if isFour { questions.append(name) } }
            return questions.filter { $0 == name }.count
        }
        var addresses: [String] = []
        var code: UInt8 = 0
        switch respond(name, earlier) {
        case .silence: return nil
        case .noSuchName: code = 3
        case .addresses(let list): addresses = isFour ? list : []
        }
        let head: [UInt8] = [0x81, 0x80 | code, 0, 1, 0, UInt8(addresses.count), 0, 0, 0, 0]
        // Type A, class IN, kept for 0 seconds; the name is the question's.
        let records = addresses.flatMap { address in
            [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4] + address.split(separator: ".").compactMap { UInt8($0) }
        }
        return question[..<2] + head + question[12..<end + 4] + records
    }

    private static func name(in question: [UInt8]) -> (String, Int)? {
        var labels: [String] = []
        var index = 12
        while index < question.count, question[index] != 0 {
            let end = index + 1 + Int(question[index])
            guard end < question.count else { return nil }
            labels.append(String(decoding: question[index + 1..<end], as: UTF8.self).lowercased())
            index = end
        }
        return (labels.joined(separator: "."), index + 1)
    }

    private static func receive(_ descriptor: Int32) -> ([UInt8], sockaddr_in)? {
        var buffer = [UInt8](repeating: 0, count: 1500)
        var peer = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        return count > 0 ? (Array(buffer[..<count]), peer) : nil
    }

    private static func send(_ bytes: [UInt8], to peer: sockaddr_in, _ descriptor: Int32) {
        withUnsafePointer(to: peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
