package import Model

extension SQLiteDirectoryWriter {
    /// A directory in memory with the rows of another store. An import into it says by the embedded directory's rules
    /// what the same import makes of the other store.
    ///
    /// - Parameter lastChanges: when rows were last added, changed or removed.
    package static func inMemory(
        copying document: DirectoryDocument, lastChanges: [RowKey: Timestamp]
    ) throws(DirectoryError) -> SQLiteDirectoryWriter {
        let writer = try inMemory()
        try writer.transaction(failing: writer.directoryError) { () throws(DirectoryError) in
            let importer = DirectoryImporter(
                database: writer.database, now: Timestamp(microseconds: 0), problemLimit: 1)
            do throws(SQLiteError) {
                try importer.run(document, isReplacing: true)
                for (key, time) in lastChanges { try writer.database.recordChange(of: key, at: time) }
            } catch {
                throw writer.directoryError(error)
            }
            if let problem = importer.problems.first {
                throw .corrupt(table: "\(problem.path.prefix { $0 != "[" })", reason: problem.description)
            }
        }
        return writer
    }
}
