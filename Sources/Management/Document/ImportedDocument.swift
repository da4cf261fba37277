package import Directory
package import Model
package import WireJSON

/// The document of one import, as it is imported into the directory's present state.
package struct ImportedDocument {
    private let value: JSONValue
    private let hosts: HostRules
    /// Nil when the document is merged: then it is complete only with the present rows.
    private let complete: DirectoryDocument?
    private var violations: [RuleViolation] = []
    /// Values that break a rule of the import and are imported all the same.
    package private(set) var acceptedProblems: [DocumentProblem] = []
    /// The slugs of apps that had no client secret and got one.
    package private(set) var appsWithNewSecrets: [String] = []
    /// When the document was exported, if it is an export.
    package private(set) var exportedAt: Timestamp?
    /// The counts of its rows.
    package private(set) var summary = ""

    /// - Throws: the problems of a document that is not merged.
    package init(
        _ value: JSONValue, isMerged: Bool, hosts: HostRules = .ofText
    ) throws(DocumentFailure) {
        self.value = value
        self.hosts = hosts
        guard !isMerged else {
            complete = nil
            return
        }
        let (result, violations) = Self.read(value, hosts)
        switch result {
        case .success(let document): complete = document
        case .failure(let failure):
            // All at once. Which of the violations the directory has already is not known here.
            guard case .failure(let all) = DirectoryDocumentReader.read(value, hosts: hosts),
                value["exported_at"] == nil
            else { throw failure }
            throw all
        }
        self.violations = violations
    }

    /// The document, and the values in it that break a rule: whether they are accepted depends on the directory.
    private static func read(
        _ value: JSONValue, _ hosts: HostRules
    ) -> (result: Result<DirectoryDocument, DocumentFailure>, violations: [RuleViolation]) {
        var violations: [RuleViolation] = []
        let result = DirectoryDocumentReader.read(value, hosts: hosts) { violation in
            violations.append(violation)
            return true
        }
        return (result, violations)
    }

    /// The rows to import, when the directory has those of `present`.
    package mutating func document(from present: DirectoryDocument) throws(DirectoryImportError) -> DirectoryDocument {
        var document: DirectoryDocument
        if let complete { document = complete } else { document = try merged(into: present) }
        exportedAt = document.exportedAt
        try acceptViolations(present)
        try requireDamagedSecrets(in: document, present)
        completeSecrets(of: &document, from: present)
        Self.completeURLs(of: &document, from: present)
        keepSpelling(of: &document.auditEntries, from: present)
        summary = document.summary
        return document
    }

    private mutating func merged(into present: DirectoryDocument) throws(DirectoryImportError) -> DirectoryDocument {
        let merged: JSONValue
        do throws(DirectoryError) {
            merged = try DirectoryDocumentMerge(stored: StoredRows(present)).merged(value)
        } catch {
            throw .directory(error)
        }
        let (result, violations) = Self.read(merged, hosts)
        self.violations = violations
        switch result {
        case .success(let document): return document
        case .failure(let failure): throw .problems(failure.problems, count: failure.count)
        }
    }

    /// Accepts the values that break a rule where the document is an export or the directory has them already.
    ///
    /// - Throws: `problems` with the others.
    private mutating func acceptViolations(_ present: DirectoryDocument) throws(DirectoryImportError) {
        guard !violations.isEmpty else { return }
        let stored = StoredRows(present)
        let problems = ProblemList { _ in false }
        acceptedProblems = []
        for violation in violations {
            // A merge completes rows with fields that the document does not give: they do not change.
            guard case .array(let rows)? = value[violation.kind.rawValue], rows[violation.index][violation.field] != nil
            else { continue }
            var isAccepted = exportedAt != nil
            do throws(DirectoryError) {
                if !isAccepted {
                    isAccepted = try stored.hasValue(
                        of: violation.field, in: rows[violation.index], violation.kind)
                }
            } catch {
                throw .directory(error)
            }
            if isAccepted { acceptedProblems.append(violation.problem) } else { problems.report(violation) }
        }
        guard problems.count == 0 else { throw .problems(problems.problems, count: problems.count) }
    }

    /// A row for an app whose stored secrets are damaged must give new ones: what it leaves open could not be kept.
    ///
    /// - Throws: `problems` with the fields that are missing.
    private func requireDamagedSecrets(
        in document: DirectoryDocument, _ present: DirectoryDocument
    ) throws(DirectoryImportError) {
        let damaged = Dictionary(
            present.apps.map(\.app).filter { !$0.damagedSecrets.isEmpty }.map { ($0.id, $0.damagedSecrets) }
        ) { first, _ in first }
        guard !damaged.isEmpty, case .array(let rows)? = value[RowKind.apps.rawValue] else { return }
        let isMerged = complete == nil
        let problems = ProblemList { _ in false }
        for (index, entry) in document.apps.enumerated() where index < rows.count {
            let fields = (damaged[entry.app.id] ?? []).compactMap { $0.field(isMerged: isMerged) }
            for field in Set(fields).sorted() where rows[index][field] ?? .null == .null {
                problems.report(
                    "apps[\(index)].\(field)",
                    "is damaged in the directory and cannot be kept: give it, or run 'hookline directory encrypt "
                        + "--replace-unreadable' first")
            }
        }
        guard problems.count == 0 else { throw .problems(problems.problems, count: problems.count) }
    }

    /// An entry that the audit log has may have its data spelled differently; it is the same entry.
    private func keepSpelling(of entries: inout [AuditEntry], from present: DirectoryDocument) {
        let known = Dictionary(present.auditEntries.map { ($0.id, $0.dataJSON) }) { first, _ in first }
        for index in entries.indices {
            guard let stored = known[entries[index].id], stored != entries[index].dataJSON,
                let old = try? JSONValue(parsing: stored), let new = try? JSONValue(parsing: entries[index].dataJSON),
                old == new
            else { continue }
            entries[index].dataJSON = stored
        }
    }

    /// A service hook whose row has no URL has that of the app.
    private static func completeURLs(of document: inout DirectoryDocument, from present: DirectoryDocument) {
        guard document.serviceHooks.contains(where: \.url.isEmpty) else { return }
        let installations = Dictionary(
            (present.installations + document.installations).map { ($0.installation.id, $0.installation.appID) }
        ) { _, last in last }
        let urls = Dictionary((present.apps + document.apps).map { ($0.app.id, $0.app.webhookURL) }) { _, last in last }
        for index in document.serviceHooks.indices where document.serviceHooks[index].url.isEmpty {
            let app = installations[document.serviceHooks[index].installationID]
            document.serviceHooks[index].url = app.flatMap { urls[$0] ?? nil } ?? ""
        }
    }

    /// An app whose row has no secret keeps the one it has, or gets one: an empty key signs nothing. One whose row has
    /// no `signing_key`, or no `targets`, keeps those, too.
    private mutating func completeSecrets(of document: inout DirectoryDocument, from present: DirectoryDocument) {
        let known = Dictionary(present.apps.map { ($0.app.id, $0.app.clientSecret) }) { first, _ in first }
        let keys = Dictionary(present.apps.map { ($0.app.id, $0.app.signingKey) }) { first, _ in first }
        for index in document.apps.indices where document.apps[index].keepsSigningKey {
            document.apps[index].app.signingKey = keys[document.apps[index].app.id] ?? nil
            document.apps[index].keepsSigningKey = false
        }
        let targets = Dictionary(present.apps.map { ($0.app.id, $0.app.relayTargets) }) { first, _ in first }
        for index in document.apps.indices where document.apps[index].keepsRelayTargets {
            document.apps[index].app.relayTargets = targets[document.apps[index].app.id] ?? nil
            document.apps[index].keepsRelayTargets = false
        }
        for index in document.apps.indices where document.apps[index].app.clientSecret.exposed.isEmpty {
            if let secret = known[document.apps[index].app.id], !secret.exposed.isEmpty {
                document.apps[index].app.clientSecret = secret
            } else {
                document.apps[index].app.clientSecret = Secret(RandomText.secret())
                appsWithNewSecrets.append(document.apps[index].app.slug)
            }
        }
    }
}

extension SentryApp.StoredSecret {
    /// The field of an app's row that keeps the secret when it is left out; nil where leaving it out removes it.
    fileprivate func field(isMerged: Bool) -> String? {
        switch self {
        case .clientSecret: "client_secret"
        case .previousSecret: "previous_secrets"
        case .signingKey: "signing_key"
        case .relayTargets: "targets"
        case .header: isMerged ? "webhook_headers" : nil
        }
    }
}

extension DirectoryDocument {
    /// The counts of its rows: `2 organizations, 1 user`.
    package var summary: String {
        let parts = RowKind.allCases.map { (count(of: $0), $0.singular) }.filter { $0.0 > 0 }
            .map { $0.0.counted($0.1) }
        return parts.isEmpty ? "an empty document" : parts.joined(separator: ", ")
    }
}
