import Glibc
package import System

/// A file with the id of the serving process.
package struct PIDFile: Sendable {
    /// Completes the message of a `FileError`.
    private static let action = "write the PID file"

    package let path: String
    /// What `claim` found in the file; nil if it could not be read.
    private var previous: String?

    package init(path: String) {
        self.path = path
    }

    private var content: String { Self.content(getpid()) }

    private static func content(_ process: Int32) -> String { "\(process)\n" }

    /// Writes this process's id and keeps the former content for `undo`.
    package mutating func claim() throws(FileError) {
        previous = try? TextFile(path: path).read()
        try write()
    }

    /// Restores the content from before the claim, unless the file names another process by now.
    package func undo() {
        guard let previous else { return remove() }
        guard let found = try? TextFile(path: path).read(), found == content else { return }
        // The program reports its reason to undo, which matters more than an error here.
        try? write(previous)
    }

    /// Writes this process's id atomically: a reader sees the former id or this one.
    package func write() throws(FileError) {
        try write(content)
    }

    private func write(_ text: String) throws(FileError) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        let isWritten = FileDescriptors.write(Array(text.utf8), to: descriptor)
        let problem = failure()
        close(descriptor)
        guard isWritten else {
            unlink(temporary)
            throw problem
        }
        guard rename(temporary, path) == 0 else {
            let problem = failure()
            unlink(temporary)
            throw problem
        }
    }

    /// Removes the file if it names this process, or a new process that is gone.
    ///
    /// - Parameter lost: the id of a new process that could not remove it.
    package func remove(lost: Int32? = nil) {
        guard let found = try? TextFile(path: path).read() else { return }
        if found == content || found == lost.map(Self.content) { unlink(path) }
    }

    /// The error that writing the file would give; nil if none. Writes nothing.
    package func problem() -> FileError? {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            return FileError(Self.action, path, code: EISDIR)
        }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return access(folder, W_OK | X_OK) == 0 ? nil : failure()
    }

    private func failure() -> FileError {
        FileError(Self.action, path)
    }
}
