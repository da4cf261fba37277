import Glibc

/// The file of a log.
package struct LogFile {
    /// Of a file that the program makes itself, whatever the umask: a group of administrators may read it.
    static let mode: mode_t = 0o640

    private static let flags = O_WRONLY | O_APPEND | O_CLOEXEC

    package let path: String

    package init(path: String) {
        self.path = path
    }

    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let path: String
        /// `errno`.
        package let code: Int32

        package init(path: String, code: Int32) {
            self.path = path
            self.code = code
        }

        package var description: String {
            let reason = code == ENXIO ? "it is a pipe that nobody reads, or a socket" : String(cString: strerror(code))
            return "cannot open the log \(path): \(reason)"
        }
    }

    /// A new descriptor that appends to the file, which is made if it is not there.
    func open() throws(Failure) -> Int32 {
        let made = Glibc.open(path, Self.flags | O_CREAT | O_EXCL, Self.mode)
        if made >= 0 {
            fchmod(made, Self.mode)
            return made
        }
        return try openExisting(O_CREAT)
    }

    private func openExisting(_ further: Int32 = 0) throws(Failure) -> Int32 {
        // To open a pipe that nobody reads would take for ever without O_NONBLOCK; with it, it is an error.
        let existing = Glibc.open(path, Self.flags | O_NONBLOCK | further, Self.mode)
        guard existing >= 0 else { throw Failure(path: path, code: errno) }
        _ = fcntl(existing, F_SETFL, fcntl(existing, F_GETFL) & ~O_NONBLOCK)
        return existing
    }

    /// What would keep this process from writing to the file; nil if nothing. Makes no file: whoever checks may be
    /// another user than the one whose file it would have to be.
    package func problem() -> Failure? {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        if access(path, F_OK) == 0 {
            do throws(Failure) {
                close(try openExisting())
                return nil
            } catch {
                return error
            }
        }
        return access(folder, W_OK | X_OK) == 0 ? nil : Failure(path: path, code: errno)
    }
}
