import Glibc

/// The file of a unix socket that this process listens on.
struct UnixSocketFile: Hashable, Sendable {
    let path: String
    let device: UInt
    let inode: UInt

    /// Remembers which file it is.
    init?(at path: String) {
        guard let (device, inode) = Self.identity(path) else { return nil }
        self.path = path
        self.device = device
        self.inode = inode
    }

    /// One that a predecessor made.
    init(path: String, device: UInt, inode: UInt) {
        self.path = path
        self.device = device
        self.inode = inode
    }

    /// Whether it is still the one, and not gone or another process' in its place.
    var isInPlace: Bool {
        guard let (device, inode) = Self.identity(path) else { return false }
        return device == self.device && inode == self.inode
    }

    /// Removes the file, if it is still the one.
    func remove() {
        if isInPlace { unlink(path) }
    }

    private static func identity(_ path: String) -> (UInt, UInt)? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return (UInt(status.st_dev), UInt(status.st_ino))
    }
}
