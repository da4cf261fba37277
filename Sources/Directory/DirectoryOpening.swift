import Glibc

/// Opens directories; which kinds there are depends on the libraries that a program links.
package protocol DirectoryOpening: Sendable {
    /// Checks, without connecting, that this program can use such a location.
    ///
    /// - Throws: why the setting's value is refused; without a password.
    func validate(_ location: DirectoryLocation) throws(DirectoryLocation.ParseError)

    /// The directory at `location`; it connects at the first lookup.
    ///
    /// - Throws: `unopened` when this program cannot use such a location.
    func open(
        _ location: DirectoryLocation, limits: DirectoryLimits
    ) throws(DirectoryError) -> any DirectoryDatabase

    /// The directory at `location` for changes; creates or migrates the embedded one first.
    ///
    /// - Parameter secretKeys: decrypt and encrypt its secrets.
    func openForWriting(
        _ location: DirectoryLocation, secretKeys: SecretKeyFile
    ) throws(DirectoryError) -> any DirectoryWriter

    /// Whether there is a directory at `location`, readable or not.
    func exists(_ location: DirectoryLocation) throws(DirectoryError) -> Bool

    /// Creates what the directory at `location` lacks, or upgrades older tables.
    ///
    /// - Parameter isStandalone: whether all tables are created in an empty PostgreSQL database, and not only those
    ///   that another program's database lacks.
    /// - Returns: one sentence for the operator.
    /// - Throws: `conflict` where `isStandalone` does not apply.
    func migrate(_ location: DirectoryLocation, isStandalone: Bool) throws(DirectoryError) -> String
}

/// Limits of an open directory.
package struct DirectoryLimits: Hashable, Sendable {
    /// At most this many connections are open for lookups; further threads wait for one.
    package var connectionCount: Int
    /// How long a change waits for another one of this process, and then for other writers, before it fails.
    package var writeWaitMilliseconds: Int32
    /// The folder with the keys of encrypted values in the original's database; nil = there is none.
    package var encryptionKeys: String?
    /// The file with the keys of Hookline's own encrypted values; nil = they are stored unencrypted.
    package var secretKeyFile: String?

    package init(connectionCount: Int = 8, writeWaitMilliseconds: Int32 = 10_000) {
        self.connectionCount = connectionCount
        self.writeWaitMilliseconds = writeWaitMilliseconds
    }
}

/// Opens embedded directories only.
package struct EmbeddedDirectoryOpener: DirectoryOpening {
    private static let refusal = "this program has no PostgreSQL client; use hookline-fcgi, or sqlite:PATH"

    package init() {}

    package func validate(_ location: DirectoryLocation) throws(DirectoryLocation.ParseError) {
        switch location {
        case .sqlite: return
        case .postgreSQL: throw DirectoryLocation.ParseError(Self.refusal)
        }
    }

    package func open(
        _ location: DirectoryLocation, limits: DirectoryLimits
    ) throws(DirectoryError) -> any DirectoryDatabase {
        SQLiteDirectory(
            path: try path(of: location),
            limits: .init(
                connectionCount: limits.connectionCount, writeWaitMilliseconds: limits.writeWaitMilliseconds),
            secretKeys: SecretKeyFile(path: limits.secretKeyFile))
    }

    package func openForWriting(
        _ location: DirectoryLocation, secretKeys: SecretKeyFile
    ) throws(DirectoryError) -> any DirectoryWriter {
        try SQLiteDirectoryWriter(path: try path(of: location), secretKeys: secretKeys)
    }

    package func exists(_ location: DirectoryLocation) throws(DirectoryError) -> Bool {
        access(try path(of: location), F_OK) == 0
    }

    package func migrate(_ location: DirectoryLocation, isStandalone: Bool) throws(DirectoryError) -> String {
        let path = try path(of: location)
        guard !isStandalone else {
            throw .conflict(reason: "--standalone is for PostgreSQL; \(path) is always a directory of its own")
        }
        return "\(try SQLiteDirectoryWriter(path: path).name) has the tables of this version."
    }

    private func path(of location: DirectoryLocation) throws(DirectoryError) -> String {
        switch location {
        case .sqlite(let path): return path
        case .postgreSQL: throw .unopened(location: location.description, reason: Self.refusal)
        }
    }
}
