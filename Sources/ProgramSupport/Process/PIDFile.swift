import Glibc

/// A file with the number of the process that serves.
package struct PIDFile: Sendable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let path: String
        package let reason: String

        package var description: String { "cannot write the PID file \(path): \(reason)" }
    }

    /// Puts this process' number there; a reader sees the number before or this one, never half of one.
    package func write() throws(Failure) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        let text = Array("\(getpid())\n".utf8)
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

    /// Removes the file if it still names this process and not its successor.
    package func remove() {
        guard let text = try? TextFile(path: path).read(), text == "\(getpid())\n" else { return }
        unlink(path)
    }

    private func failure() -> Failure {
        Failure(path: path, reason: String(cString: strerror(errno)))
    }
}
