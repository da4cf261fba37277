import Glibc

/// The file that the running program was started from, by the name under which a newer one will lie there.
package struct ProgramFile: Hashable, Sendable {
    /// Absolute.
    package let path: String

    /// Finds the file; to be asked at the program's start, before anybody replaces it. Nil when it cannot be found.
    ///
    /// Symbolic links stay: where one leads to the newest release, a reload shall follow it.
    ///
    /// - Parameters:
    ///   - word: the program's name as it was called: `argv[0]`.
    ///   - searchPath: `PATH`.
    package init?(calledAs word: String, searchPath: String?) {
        let candidates = word.contains("/") ? [word] : Self.candidates(word, searchPath ?? "")
        guard let path = candidates.compactMap(Self.absolute).first(where: Self.isRunning) ?? Self.resolved() else {
            return nil
        }
        self.path = path
    }

    private static func candidates(_ word: String, _ searchPath: String) -> [String] {
        searchPath.split(separator: ":").map { "\($0)/\(word)" }
    }

    private static func absolute(_ path: String) -> String? {
        if path.hasPrefix("/") { return path }
        guard let folder = getcwd(nil, 0) else { return nil }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    private static func isRunning(_ path: String) -> Bool {
        var (candidate, running) = (stat(), stat())
        return stat(path, &candidate) == 0 && stat("/proc/self/exe", &running) == 0
            && candidate.st_dev == running.st_dev && candidate.st_ino == running.st_ino
    }

    private static func resolved() -> String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }
}
