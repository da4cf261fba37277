import Glibc
import ProgramSupport
import System

/// The one request of a plain CGI process.
struct CGITransport: RequestTransport {
    let parameters: ParameterTable
    let inputOutputSeconds: Int
    let arrival = MonotonicTime.now()

    func readBody(count: Int) throws(RequestRefusal) -> [UInt8] {
        let end = MonotonicTime.now().adding(seconds: inputOutputSeconds)
        var body = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            guard wait(for: POLLIN, on: STDIN_FILENO, until: end) else {
                throw .bodyTooSlow(seconds: inputOutputSeconds)
            }
            let received = body[filled...].withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if received < 0, errno == EINTR { continue }
            guard received > 0 else { throw .bodyShorterThanAnnounced(announced: count, received: filled) }
            filled += received
        }
        return body
    }

    func send(_ head: [UInt8], body: [UInt8]) -> Bool {
        let end = MonotonicTime.now().adding(seconds: inputOutputSeconds)
        return write(head, until: end) && write(body, until: end)
    }

    /// In pieces that a pipe takes without blocking once it says that it is writable.
    private func write(_ bytes: [UInt8], until end: MonotonicTime) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard wait(for: POLLOUT, on: STDOUT_FILENO, until: end) else { return false }
            let sent = rest.prefix(Int(PIPE_BUF)).withUnsafeBytes { piece in
                Glibc.write(STDOUT_FILENO, piece.baseAddress, piece.count)
            }
            if sent < 0, errno == EINTR || errno == EAGAIN { continue }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    private func wait(for event: Int32, on descriptor: Int32, until end: MonotonicTime) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            let left = (end.microseconds - MonotonicTime.now().microseconds) / 1000
            guard left > 0 else { return false }
            let count = poll(&state, 1, Int32(clamping: left))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
