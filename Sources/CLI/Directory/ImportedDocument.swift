import Directory
import Model
import WireJSON

/// The document of one import, as it is imported into the directory's present state.
struct ImportedDocument {
    private let value: JSONValue
    /// Nil when the document is merged: then it is complete only with the present rows.
    private let complete: DirectoryDocument?
    /// The slugs of apps that had no client secret and got one.
    private(set) var appsWithNewSecrets: [String] = []
    /// When the document was exported, if it is an export.
    private(set) var exportedAt: Timestamp?
    /// The counts of its rows.
    private(set) var summary = ""

    /// - Throws: `data` with the problems of a document that is not merged.
    init(_ value: JSONValue, isMerged: Bool, source: String) throws(CommandFailure) {
        self.value = value
        guard !isMerged else {
            complete = nil
            return
        }
        switch DirectoryDocumentReader.read(value) {
        case .success(let document): complete = document
        case .failure(let failure): throw CommandFailure(failure.problems, count: failure.count, in: source)
        }
    }

    /// The rows to import, when the directory has those of `present`.
    mutating func document(from present: DirectoryDocument) throws(DirectoryImportError) -> DirectoryDocument {
        var document: DirectoryDocument
        if let complete { document = complete } else { document = try merged(into: present) }
        completeSecrets(of: &document, from: present)
        exportedAt = document.exportedAt
        summary = document.summary
        return document
    }

    private func merged(into present: DirectoryDocument) throws(DirectoryImportError) -> DirectoryDocument {
        let merged: JSONValue
        do throws(DirectoryError) {
            merged = try DirectoryDocumentMerge(present: present).merged(value)
        } catch {
            throw .directory(error)
        }
        switch DirectoryDocumentReader.read(merged) {
        case .success(let document): return document
        case .failure(let failure): throw .problems(failure.problems, count: failure.count)
        }
    }

    /// An app whose row has no secret keeps the one it has, or gets one: an empty key signs nothing.
    private mutating func completeSecrets(of document: inout DirectoryDocument, from present: DirectoryDocument) {
        let known = Dictionary(present.apps.map { ($0.app.id, $0.app.clientSecret) }) { first, _ in first }
        for index in document.apps.indices where document.apps[index].app.clientSecret.exposed.isEmpty {
            if let secret = known[document.apps[index].app.id], !secret.exposed.isEmpty {
                document.apps[index].app.clientSecret = secret
            } else {
                document.apps[index].app.clientSecret = Secret(TokenCreate.randomToken())
                appsWithNewSecrets.append(document.apps[index].app.slug)
            }
        }
    }
}
