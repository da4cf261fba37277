import Glibc
import System

/// A file with the number of the process that serves.
package struct PIDFile: Sendable {
    package let path: String
    /// What `claim` found there; nil = nothing that could be read.
    private var previous: String?

    package init(path: String) {
        self.path = path
    }

    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let path: String
        package let reason: String

        package var description: String { "cannot write the PID file \(path): \(reason)" }
    }

    private var ownText: String { Self.text(getpid()) }

    private static func text(_ process: Int32) -> String { "\(process)\n" }

    /// Puts this process' number there and remembers what was there before, for `undo`.
    package mutating func claim() throws(Failure) {
        previous = try? TextFile(path: path).read()
        try write()
    }

    /// Puts back what was there before the claim, unless the file names another process by now.
    package func undo() {
        guard let previous else { return remove() }
        guard let text = try? TextFile(path: path).read(), text == ownText else { return }
        // Whoever starts the program hears of the reason to undo, which matters more than this one.
        try? write(previous)
    }

    /// Puts this process' number there; a reader sees the number before or this one, never half of one.
    package func write() throws(Failure) {
        try write(ownText)
    }

    private func write(_ content: String) throws(Failure) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        let text = Array(content.utf8)
        let isWritten = Glibc.write(descriptor, text, text.count) == text.count
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

    /// Removes the file if it names this process, or a successor that is gone; whoever else it names keeps it.
    ///
    /// - Parameter lost: a successor that did not come to remove it.
    package func remove(lost: Int32? = nil) {
        guard let text = try? TextFile(path: path).read() else { return }
        if text == ownText || text == lost.map(Self.text) { unlink(path) }
    }

    /// What would keep this process from writing the file; nil if nothing. Writes nothing.
    package func problem() -> Failure? {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            return Failure(path: path, reason: String(cString: strerror(EISDIR)))
        }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return access(folder, W_OK | X_OK) == 0 ? nil : failure()
    }

    private func failure() -> Failure {
        Failure(path: path, reason: String(cString: strerror(errno)))
    }
}
