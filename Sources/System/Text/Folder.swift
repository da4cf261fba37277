import Glibc

/// A folder whose files are listed.
package struct Folder {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The names of its entries but hidden ones, in any order.
    package func fileNames() throws(FileError) -> [String] {
        guard let stream = opendir(path) else { throw FileError("read", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
