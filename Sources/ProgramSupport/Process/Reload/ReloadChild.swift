import Glibc
import System

/// A child and the pipe on which something is heard from it. Nothing here blocks.
struct ReloadChild {
    /// More is thrown away.
    private static let maximumBytes = 4096

    enum Exit: Hashable {
        case exited(Int32)
        case signalled(Int32)
        /// It is no child of this process any more.
        case unknown

        var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signalled(let signal): "signal \(signal)"
            case .unknown: "an exit status that nobody knows"
            }
        }
    }

    let process: pid_t
    private let reader: Int32
    /// What came out of the pipe.
    private(set) var heard: [UInt8] = []
    private var exit: Exit?

    /// Starts what `call` makes of the pipe's writing end.
    init(_ makeCall: (_ writer: Int32) -> ProgramCall) throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemCallError(call: "pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { close(ends[1]) }
        do throws(SystemCallError) {
            process = try makeCall(ends[1]).start()
        } catch {
            close(ends[0])
            throw error
        }
        reader = ends[0]
    }

    /// Takes in what the pipe has.
    mutating func listen() {
        var chunk = [UInt8](repeating: 0, count: 1024)
        while true {
            let count = read(reader, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            heard += chunk.prefix(min(count, max(0, Self.maximumBytes - heard.count)))
        }
    }

    /// How it ended; nil while it runs.
    mutating func exitStatus() -> Exit? {
        if let exit { return exit }
        var status: Int32 = 0
        switch waitpid(process, &status, WNOHANG) {
        case process: break
        case ..<0 where errno == ECHILD:
            // Its number may be another process' by now.
            exit = .unknown
            return exit
        default: return nil
        }
        exit = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
        return exit
    }

    /// Sends a signal, unless it has ended: then its number may be another process' by now.
    mutating func send(_ signal: Int32) {
        if exitStatus() == nil { kill(process, signal) }
    }

    /// Kills it and waits for its end.
    mutating func end() {
        guard exitStatus() == nil else { return }
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        exit = .signalled(SIGKILL)
    }

    /// To be called once, at last.
    func forget() {
        close(reader)
    }
}
