import Glibc

/// The file of a unix socket that this process listens on.
struct UnixSocketFile: Sendable {
    let path: String
    private let device: UInt
    private let inode: UInt

    /// Remembers which file it is.
    init?(at path: String) {
        guard let (device, inode) = Self.identity(path) else { return nil }
        self.path = path
        self.device = device
        self.inode = inode
    }

    /// Removes the file, if it is still the one and not another process' in its place.
    func remove() {
        guard let (device, inode) = Self.identity(path), device == self.device, inode == self.inode else { return }
        unlink(path)
    }

    private static func identity(_ path: String) -> (UInt, UInt)? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return (UInt(status.st_dev), UInt(status.st_ino))
    }
}
