import Glibc

/// The process that this one replaces, as seen from the new one.
package struct OldProcess: Sendable {
    /// `PID DETAILS`: with the id of the process that set it, so that a stale variable is ignored.
    static let variable = "HOOKLINE_HANDOVER"
    /// Where this process reports that it serves.
    private static let reportDescriptor: Int32 = 3
    /// The first of the other inherited descriptors.
    package static let firstDescriptor: Int32 = 4

    package let process: Int32
    /// The program's description of the inherited descriptors.
    package let details: String

    /// Removes the variable from the environment; nil when no process hands over.
    ///
    /// - Parameter environment: that of this process.
    package static func take(from environment: inout [String: String]) -> OldProcess? {
        guard let value = environment.removeValue(forKey: variable) else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        let parent = getppid()
        guard let first = parts.first, Int32(first) == parent, isPipe(reportDescriptor) else { return nil }
        _ = fcntl(reportDescriptor, F_SETFD, FD_CLOEXEC)
        return OldProcess(process: parent, details: parts.count == 2 ? String(parts[1]) : "")
    }

    /// The variable's value for a child of this process.
    static func value(details: String) -> String { "\(getpid()) \(details)" }

    /// Reports that this process serves. The old process then ends.
    ///
    /// - Parameter isSocketTaken: whether this process serves on the inherited socket.
    package func reportReady(isSocketTaken: Bool) {
        var report = (isSocketTaken ? ReadyReport.sameSocket : .otherSocket).rawValue
        while write(Self.reportDescriptor, &report, 1) < 0, errno == EINTR {}
        close(Self.reportDescriptor)
    }

    /// Reports why this process does not start serving; it must then exit.
    func reportFailure(_ reason: String) {
        // The exit status must not change if the old process is gone, too.
        signal(SIGPIPE, SIG_IGN)
        let bytes = [ReadyReport.failed.rawValue] + Array(reason.utf8)
        while write(Self.reportDescriptor, bytes, bytes.count) < 0, errno == EINTR {}
        close(Self.reportDescriptor)
    }

    private static func isPipe(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }
}

/// A new process's report that it serves, or cannot.
enum ReadyReport: UInt8 {
    /// On the inherited socket, or there is none.
    case sameSocket = 0x73
    /// On another socket: the old one is no longer used.
    case otherSocket = 0x6F
    /// It does not serve: the reason follows.
    case failed = 0x66
}
