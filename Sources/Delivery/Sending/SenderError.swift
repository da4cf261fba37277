import Glibc
import System

/// Why the sender did not take a request, or could not begin its work.
package enum SenderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// As many requests wait as may wait.
    case full(waitingLimit: Int)
    case stopped
    /// A call that should not fail did.
    case system(call: String, code: Int32, reason: String)
    case unreadable(file: String, reason: String)

    package var description: String {
        switch self {
        case .full(let limit): "the sender has \(limit) requests waiting and takes no more"
        case .stopped: "the sender has been stopped"
        case .system(let call, let code, let reason): "\(call) failed (\(code)): \(reason)"
        case .unreadable(let file, let reason): "the certificates in \(file) cannot be read: \(reason)"
        }
    }
}

extension PosixThread {
    /// Starts a thread that receives no signals but those of its own faults: libcurl's TLS library writes to sockets
    /// without `MSG_NOSIGNAL`, and the signals that stop the program belong to another thread.
    static func startJoinable(_ work: @escaping @Sendable () -> Void) throws(SenderError) -> PosixThread {
        do {
            return try PosixThread(blocksSignals: true, work)
        } catch {
            throw .system(call: error.call, code: error.code, reason: String(cString: strerror(error.code)))
        }
    }
}
