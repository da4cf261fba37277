import Glibc
import ProgramSupport
import ResponderSupport
import System

/// Makes a listening unix socket with exactly the wanted mode and group.
///
/// At no moment may more processes connect than in the end: the file is created with mode 0, then gets its group, then
/// its mode.
struct UnixListener {
    /// A program that starts at the same time holds the lock for some milliseconds; no other should hold it.
    private static let lockMilliseconds = 3000
    private static let lockTick = 10

    let path: String
    let mode: UInt16
    /// Nil = the process's group.
    let group: String?

    func open(backlog: Int32) throws(ListeningError) -> ListeningSocket {
        let groupID = try groupID()
        let lock = try lockFolder()
        defer { if lock >= 0 { Glibc.close(lock) } }
        try clearPath()
        let descriptor = try bind()
        do throws(ListeningError) {
            if let groupID { try setGroup(groupID) }
            try check("listen", listen(descriptor, backlog))
            try setMode()
        } catch {
            unlink(path)
            Glibc.close(descriptor)
            throw error
        }
        return ListeningSocket(descriptor: descriptor, ownership: .own(file: UnixSocketFile(at: path)))
    }

    /// Keeps two programs that start at once from removing each other's new socket. Where the folder cannot be opened,
    /// `bind` fails with the reason.
    private func lockFolder() throws(ListeningError) -> Int32 {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return descriptor }
        for _ in 0..<(Self.lockMilliseconds / Self.lockTick) {
            // A file system without locks leaves that risk.
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || ![EWOULDBLOCK, EINTR].contains(errno) { return descriptor }
            usleep(UInt32(Self.lockTick) * 1000)
        }
        Glibc.close(descriptor)
        throw .locked(folder: folder)
    }

    /// Removes a socket file that no process listens on.
    private func clearPath() throws(ListeningError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        switch connectionError() {
        case ECONNREFUSED: unlink(path)
        case 0, EAGAIN: throw .inUse(path: path)
        case let code: throw .failed(call: "connect", address: path, code: code)
        }
    }

    /// 0 when a process listens at the path, else `errno` of `connect`.
    private func connectionError() -> Int32 {
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(AF_UNIX, Int32(type), 0)
        guard descriptor >= 0 else { return errno }
        defer { Glibc.close(descriptor) }
        return withUnixAddress(path) { connect(descriptor, $0, $1) == 0 ? 0 : errno }
    }

    private func bind() throws(ListeningError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try check("socket", descriptor)
        let mask = umask(0o777)
        let code = withUnixAddress(path) { Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
        umask(mask)
        guard code == 0 else {
            Glibc.close(descriptor)
            throw .failed(call: "bind", address: path, code: code)
        }
        return descriptor
    }

    private func check(_ call: String, _ result: Int32) throws(ListeningError) {
        if result < 0 { throw .failed(call: call, address: path, code: errno) }
    }

    /// Gives an existing socket file the wanted mode and group.
    func setPermissions() throws(ListeningError) {
        if let groupID = try groupID() { try setGroup(groupID) }
        try setMode()
    }

    private func setGroup(_ group: gid_t) throws(ListeningError) {
        try check("chown", chown(path, uid_t.max, group))
    }

    private func setMode() throws(ListeningError) {
        try check("chmod", chmod(path, mode_t(mode)))
    }

    private func groupID() throws(ListeningError) -> gid_t? {
        guard let group else { return nil }
        if let id = gid_t(group) { return id }
        guard let identifier = GroupFile.system.identifier(of: group) else { throw .noSuchGroup(group) }
        return identifier
    }
}

/// The file of a unix socket that this process listens on.
struct UnixSocketFile: Hashable, Sendable {
    let path: String
    let device: UInt
    let inode: UInt

    /// The file that is at `path` now; nil when there is none.
    init?(at path: String) {
        guard let (device, inode) = Self.identity(path) else { return nil }
        self.path = path
        self.device = device
        self.inode = inode
    }

    /// A file that an earlier process made.
    init(path: String, device: UInt, inode: UInt) {
        self.path = path
        self.device = device
        self.inode = inode
    }

    /// Whether the path still leads to this file.
    var isInPlace: Bool {
        guard let (device, inode) = Self.identity(path) else { return false }
        return device == self.device && inode == self.inode
    }

    /// Removes the file, unless another one has taken its place.
    func remove() {
        if isInPlace { unlink(path) }
    }

    private static func identity(_ path: String) -> (UInt, UInt)? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return (UInt(status.st_dev), UInt(status.st_ino))
    }
}

/// The group database as a file: a static program has no other name service (docs/shared-hosting.md).
struct GroupFile {
    let path: String

    static let system = GroupFile(path: "/etc/group")

    /// The id of the group `name`; nil when it is not in the file.
    func identifier(of name: String) -> gid_t? {
        guard let text = try? TextFile(path: path).read() else { return nil }
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count >= 3, fields[0] == name { return gid_t(fields[2]) }
        }
        return nil
    }
}

/// Calls `body` with the socket address of `path`, which is at most `ListenAddress.maximumPathBytes` long.
func withUnixAddress<Value>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
