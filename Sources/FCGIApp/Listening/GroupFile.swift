import Glibc
import ProgramSupport
import System

/// The group database as a file: a static program has no other name service, and needs none for a socket's group.
struct GroupFile {
    let path: String

    static let system = GroupFile(path: "/etc/group")

    /// The number of the group `name`; nil when the file does not know it.
    func identifier(of name: String) -> gid_t? {
        guard let text = try? TextFile(path: path).read() else { return nil }
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count >= 3, fields[0] == name { return gid_t(fields[2]) }
        }
        return nil
    }
}
