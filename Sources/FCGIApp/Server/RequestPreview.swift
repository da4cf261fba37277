import Glibc

/// What is there of a request before anything is taken off its connection.
enum RequestPreview {
    case nothing
    /// Reading it may have to wait for the peer.
    case part
    /// Reading all of it, up to the end of its input, waits for nobody.
    case whole

    /// As much as is looked at first: the stack has room for it, and most requests without a body are shorter.
    private static let shortCount = 1024
    /// And then, before a request counts as a part.
    private static let longCount = 16 << 10
    private static let headerCount = 8
    private static let begin: UInt8 = 1
    private static let parameters: UInt8 = 4
    private static let standardInput: UInt8 = 5

    init(of connection: Connection) {
        self = Self.look(at: connection, Self.shortCount) ?? Self.look(at: connection, Self.longCount) ?? .part
    }

    /// Nil when there are more bytes than so many, and what is in them is no whole request.
    private static func look(at connection: Connection, _ byteCount: Int) -> RequestPreview? {
        withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 1) { space in
            let count = recv(connection.descriptor, space.baseAddress, byteCount, Int32(MSG_PEEK | MSG_DONTWAIT))
            if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return .nothing }
            if isWhole(UnsafeRawBufferPointer(rebasing: space[..<max(0, count)])) { return .whole }
            return count < byteCount ? .part : nil
        }
    }

    /// Whether the bytes hold the FastCGI records of one request and of no other, up to the end of the parameters and of
    /// the input behind them.
    static func isWhole(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= headerCount, bytes[1] == begin else { return false }
        let id = (bytes[2], bytes[3])
        var position = 0
        var hasParameters = false
        while position + headerCount <= bytes.count {
            guard (bytes[position + 2], bytes[position + 3]) == id else { return false }
            let type = bytes[position + 1]
            let length = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
            position += headerCount + length + Int(bytes[position + 6])
            guard position <= bytes.count else { return false }
            guard length == 0 else { continue }
            if type == parameters { hasParameters = true }
            if type == standardInput { return hasParameters }
        }
        return false
    }
}
