package import Model

extension SQLiteDirectoryWriter {
    /// Brings a document into the directory: all of it, or nothing.
    ///
    /// Rows that the directory has are replaced as a whole; rows it does not have are added; other rows stay. Importing
    /// the same document again changes nothing: numbers and dates that the document leaves open are kept.
    ///
    /// - Parameters:
    ///   - isReplacing: the document becomes the whole directory; every other row goes.
    ///   - now: the date of rows that are new and bring none.
    ///   - problemLimit: at most this many problems are reported.
    package func importDocument(
        _ document: DirectoryDocument, isReplacing: Bool, at now: Timestamp, problemLimit: Int = 20
    ) throws(DirectoryImportError) {
        try transaction(failing: { .directory(directoryError($0)) }) { () throws(DirectoryImportError) in
            let importer = DirectoryImporter(database: database, now: now, problemLimit: problemLimit)
            do throws(SQLiteError) {
                try importer.run(document, isReplacing: isReplacing)
            } catch {
                throw .directory(directoryError(error))
            }
            if importer.problemCount > 0 { throw .problems(importer.problems, count: importer.problemCount) }
        }
    }
}
