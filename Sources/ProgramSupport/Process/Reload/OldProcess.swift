import Glibc

/// The process that started this one to take its place, seen from the new one.
package struct OldProcess: Sendable {
    /// `PID DETAILS`: the number of the process that set it, so that a variable that only lingers is not believed.
    static let variable = "HOOKLINE_HANDOVER"
    /// Where this process says that it serves.
    private static let reportDescriptor: Int32 = 3
    /// The first of what the programs hand over beside.
    package static let firstDescriptor: Int32 = 4

    package let process: Int32
    /// What it says about the descriptors, in the program's own words.
    package let details: String

    /// Takes the variable out of the environment; nil when nobody hands over.
    ///
    /// - Parameter environment: the process' own.
    package static func take(from environment: inout [String: String]) -> OldProcess? {
        guard let text = environment.removeValue(forKey: variable) else { return nil }
        let parts = text.split(separator: " ", maxSplits: 1)
        let parent = getppid()
        guard let first = parts.first, Int32(first) == parent, isPipe(reportDescriptor) else { return nil }
        _ = fcntl(reportDescriptor, F_SETFD, FD_CLOEXEC)
        return OldProcess(process: parent, details: parts.count == 2 ? String(parts[1]) : "")
    }

    /// The variable's value for a child of this process.
    static func text(details: String) -> String { "\(getpid()) \(details)" }

    /// Says that this process serves. From here on the predecessor ends.
    ///
    /// - Parameter isSocketTaken: whether this process serves on the socket that was handed over.
    package func reportReady(isSocketTaken: Bool) {
        var report = (isSocketTaken ? ReadyReport.sameSocket : .otherSocket).rawValue
        while write(Self.reportDescriptor, &report, 1) < 0, errno == EINTR {}
        close(Self.reportDescriptor)
    }

    /// Says why this process does not come to serve; it is to end then.
    func reportFailure(_ reason: String) {
        // A predecessor that is gone, too, must not change how this process ends.
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

/// What a new process says when it serves, or cannot.
enum ReadyReport: UInt8 {
    /// On the socket that was handed over, or there is none.
    case sameSocket = 0x73
    /// On one of its own: the old one's is nobody's any more.
    case otherSocket = 0x6F
    /// It will not: the reason follows.
    case failed = 0x66
}
