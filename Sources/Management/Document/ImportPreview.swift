package import Directory
package import Model
import System
import WireJSON

/// What an import changes, for the operator to decide on it.
package struct ImportPreview {
    /// Changes that are listed with a hazard.
    private static let listedCount = 20

    private let result: DirectoryImportResult
    private let exportedAt: Timestamp?
    private let isReplacing: Bool
    private let replaceOption: String
    private let before: [RowKey: AnyHashable]
    private let after: [RowKey: AnyHashable]

    /// - Parameter replaceOption: how the caller has said that everything else is to be removed.
    package init(
        _ result: DirectoryImportResult, exportedAt: Timestamp?, isReplacing: Bool, replaceOption: String = "--replace"
    ) {
        self.replaceOption = replaceOption
        self.result = result
        self.exportedAt = exportedAt
        self.isReplacing = isReplacing
        before = result.before.rows
        after = result.after.rows
    }

    /// One line for each row that is added, changed or removed, and their counts.
    package var text: String {
        guard !result.changes.isEmpty else { return "Nothing would change.\n" }
        let counts = [RowChange.Action.added, .changed, .removed].map { action in
            "\(result.changes.filter { $0.action == action }.count) \(action.rawValue)"
        }
        return lines(result.changes) + counts.joined(separator: ", ") + ".\n"
    }

    /// Why the import needs a confirmation; empty when it does not.
    package var hazards: [String] { [massRemoval, undoing].compactMap(\.self) }

    /// The message of an import that was not confirmed.
    package var refusal: String {
        hazards.joined(separator: "\n")
            + "\nNothing was imported. --dry-run shows all changes; --yes makes them nevertheless."
    }

    /// Not about other rows than those of `--replace`: without it, none is removed.
    private var massRemoval: String? {
        guard isReplacing else { return nil }
        let kinds: [String] = RowKind.allCases.compactMap { kind in
            let total = result.before.count(of: kind)
            let count = result.changes.filter { $0.key.kind == kind && $0.action == .removed }.count
            return count * 10 > total ? "\(count) of \(total.counted(kind.singular))" : nil
        }
        guard !kinds.isEmpty else { return nil }
        return "with \(replaceOption), the import would remove \(kinds.joined(separator: ", "))"
    }

    private var undoing: String? {
        guard let exportedAt else { return nil }
        let undone = result.changes.filter { change in change.lastChange.map { $0 >= exportedAt } ?? false }
        guard !undone.isEmpty else { return nil }
        let more = undone.count > Self.listedCount ? "  … and \(undone.count - Self.listedCount) more\n" : ""
        return "the document was exported at \(exportedAt.truncatedToSeconds.iso8601Description), and the import would "
            + "undo later changes:\n" + lines(Array(undone.prefix(Self.listedCount)), indentation: "  ") + more
    }

    /// One row that is added, changed or removed.
    package struct Change: Sendable {
        package var action: RowChange.Action
        package var kind: RowKind
        /// How people know the row.
        package var name: String
        /// The names of the fields of a changed row that differ; never their values, which may be secrets.
        package var fields: [String]
    }

    /// The changes that the document makes, ordered by kind and key: without the audit log, which the import itself
    /// writes.
    package var changes: [Change] {
        result.changes.filter { $0.key.kind != .auditEntries }.map { change in
            Change(
                action: change.action, kind: change.key.kind, name: name(of: change.key),
                fields: change.action == .changed ? changedFields(change.key) : [])
        }
    }

    // MARK: Lines

    private func lines(_ changes: [RowChange], indentation: String = "") -> String {
        changes.map { change in
            let fields = change.action == .changed ? changedFields(change.key) : []
            let list = fields.isEmpty ? "" : ": \(fields.joined(separator: ", "))"
            let action = change.action.rawValue.padded(to: "removed".count)
            return "\(indentation)\(action)  \(change.key.kind.singular) \(name(of: change.key))\(list)\n"
        }.joined()
    }

    /// The names of the fields that differ; never their values, which may be secrets.
    private func changedFields(_ key: RowKey) -> [String] {
        guard let old = before[key], let new = after[key], let oldJSON = try? DirectoryDocumentWriter.json(row: old),
            case .object(let members)? = try? DirectoryDocumentWriter.json(row: new)
        else { return [] }
        return members.filter { oldJSON[$0.name] != $0.value }.map(\.name)
    }

    /// How people know the row.
    private func name(of key: RowKey) -> String {
        let name: String? =
            switch (after[key] ?? before[key])?.base {
            case let row as Organization: row.slug
            case let row as User: row.username
            case let row as DirectoryDocument.AppEntry: row.app.slug
            case let row as Project: row.slug
            case let row as DirectoryDocument.TokenEntry:
                (row.id.map(String.init) ?? "") + (row.name.isEmpty ? "" : " (\(row.name))")
            default: nil
            }
        return TerminalText.escaped(name ?? key.text)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
