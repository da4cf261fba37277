import Glibc
import System

/// A child process and the pipe on which it reports. Nothing here blocks, except `end`.
struct UpgradeChild {
    /// The rest of a report is discarded.
    private static let maximumBytes = 4096

    enum Exit: Hashable {
        case exited(Int32)
        case signalled(Int32)
        /// It is no longer a child of this process.
        case unknown

        var description: String {
            switch self {
            case .exited(let status): "exit status \(status)"
            case .signalled(let signal): "signal \(signal)"
            case .unknown: "an unknown exit status"
            }
        }
    }

    let process: pid_t
    private let reader: Int32
    /// What the child wrote to the pipe so far.
    private(set) var report: [UInt8] = []
    private var exit: Exit?

    /// Starts the launch that `makeLaunch` returns for the write end of the pipe.
    init(_ makeLaunch: (_ writer: Int32) -> ProcessLaunch) throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemCallError(call: "pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { close(ends[1]) }
        do throws(SystemCallError) {
            process = try makeLaunch(ends[1]).start()
        } catch {
            close(ends[0])
            throw error
        }
        reader = ends[0]
    }

    /// Reads what is in the pipe.
    mutating func readReport() {
        var chunk = [UInt8](repeating: 0, count: 1024)
        while true {
            let count = read(reader, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            report += chunk.prefix(min(count, max(0, Self.maximumBytes - report.count)))
        }
    }

    /// How it ended; nil while it runs.
    mutating func exitStatus() -> Exit? {
        if let exit { return exit }
        var status: Int32 = 0
        switch waitpid(process, &status, WNOHANG) {
        case process: break
        case ..<0 where errno == ECHILD:
            // Its id may belong to another process by now.
            exit = .unknown
            return exit
        default: return nil
        }
        exit = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
        return exit
    }

    /// Sends a signal, unless it has ended: then its id may belong to another process by now.
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

    /// Closes the pipe; to be called once, at the end.
    func closePipe() {
        close(reader)
    }
}
