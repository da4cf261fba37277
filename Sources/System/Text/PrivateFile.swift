import Glibc

/// A file that only its owner can read, written whole.
package struct PrivateFile {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Writes the text with mode 0600 into a new file beside it, which then takes the place of an existing one: the
    /// file never has another mode, and never a part of the text only. A symbolic link stays: the file that it leads to
    /// is replaced.
    ///
    /// - Throws: also if there is something else than a regular file: a device, pipe or folder is not replaced.
    package func write(_ text: String) throws(FileError) {
        let path = try target()
        var template = Array((path + ".XXXXXX").utf8CString)
        // mkstemp makes files with mode 0600.
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw FileError("write", path) }
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard FileDescriptors.write(Array(text.utf8), to: descriptor), fsync(descriptor) == 0 else {
            let error = FileError("write", path)
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            let error = FileError("write", path)
            unlink(temporary)
            throw error
        }
    }

    /// The path without symbolic links at its end.
    private func target() throws(FileError) -> String {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return path }
        guard let resolved = realpath(path, nil) else { throw FileError("write", path) }
        defer { free(resolved) }
        guard stat(resolved, &facts) == 0 else { throw FileError("write", path) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw FileError("write", path, reason: "it is not a regular file")
        }
        return String(cString: resolved)
    }
}
