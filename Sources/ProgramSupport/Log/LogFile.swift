import Glibc
package import System

/// The file of a log.
package struct LogFile {
    /// Of a file that the program creates, whatever the umask: a group of administrators can read it.
    static let mode: mode_t = 0o640

    /// Completes the message of a `FileError`.
    static let action = "open the log"

    private static let flags = O_WRONLY | O_APPEND | O_CLOEXEC

    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// A new descriptor that appends to the file, which is created if it does not exist.
    func open() throws(FileError) -> Int32 {
        let created = Glibc.open(path, Self.flags | O_CREAT | O_EXCL, Self.mode)
        if created >= 0 {
            fchmod(created, Self.mode)
            return created
        }
        return try openExisting(O_CREAT)
    }

    private func openExisting(_ flags: Int32 = 0) throws(FileError) -> Int32 {
        // Without O_NONBLOCK, opening a pipe without a reader would block; with it, that is an error.
        let existing = Glibc.open(path, Self.flags | O_NONBLOCK | flags, Self.mode)
        guard existing >= 0 else { throw failure(errno) }
        _ = fcntl(existing, F_SETFL, fcntl(existing, F_GETFL) & ~O_NONBLOCK)
        return existing
    }

    /// The error that opening the file would give; nil if none. Creates no file, because a check may run as another
    /// user than the program.
    package func problem() -> FileError? {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        if access(path, F_OK) == 0 {
            do throws(FileError) {
                close(try openExisting())
                return nil
            } catch {
                return error
            }
        }
        return access(folder, W_OK | X_OK) == 0 ? nil : failure(errno)
    }

    private func failure(_ code: Int32) -> FileError {
        code == ENXIO
            ? FileError(Self.action, path, reason: "it is a pipe without a reader, or a socket")
            : FileError(Self.action, path, code: code)
    }
}
