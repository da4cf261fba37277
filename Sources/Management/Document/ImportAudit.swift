package import Directory
package import Model
import WireJSON

/// The entries in the audit log about an import: one for each organization that it changed something of.
package struct ImportAudit {
    private let result: DirectoryImportResult
    private let mode: String
    private let memberships: [Int64: [Int64]]
    private let owners: [Int64: Int64]

    /// Stands for no organization: of users and tokens of users who are members of none.
    private static let noOrganization: Int64 = 0

    /// - Parameter mode: how the document was imported.
    package init(_ result: DirectoryImportResult, mode: String) {
        self.result = result
        self.mode = mode
        let rows = result.before.memberships + result.after.memberships
        memberships = Dictionary(grouping: rows, by: \.userID).mapValues { $0.map(\.organizationID) }
        let projects = result.before.projects + result.after.projects
        owners = Dictionary(projects.map { ($0.id, $0.organizationID) }) { _, last in last }
    }

    package func entries(by author: ChangeAuthor, at date: Timestamp) -> [AuditEntry.Draft] {
        let (before, after) = (result.before.rows, result.after.rows)
        var counts: [Int64: [RowChange.Action: Int]] = [:]
        for change in result.changes where change.key.kind != .auditEntries {
            let rows = [before[change.key], after[change.key]].compactMap { $0?.base }
            for organization in Set(rows.flatMap(organizations)) {
                counts[organization, default: [:]][change.action, default: 0] += 1
            }
        }
        return counts.sorted { $0.key < $1.key }.map { organization, counts in
            let changes = [RowChange.Action.added, .changed, .removed].compactMap { action in
                counts[action].map { "\($0.counted("row")) \(action.rawValue)" }
            }
            return AuditEntry.Draft(
                event: AuditEntry.directoryImported, by: author, organizationID: organization,
                members: [.init(name: "mode", value: .string(mode))], changes: changes, at: date)
        }
    }

    private func organizations(of row: Any) -> [Int64] {
        switch row {
        case let row as Organization: [row.id]
        case let row as Membership: [row.organizationID]
        case let row as DirectoryDocument.AppEntry: [row.app.ownerID]
        case let row as DirectoryDocument.InstallationEntry: [row.installation.organizationID]
        case let row as ServiceHook: [row.organizationID]
        case let row as Project: [row.organizationID]
        case let row as IssueEvent: [owners[row.projectID] ?? Self.noOrganization]
        case let row as User: memberships[row.id] ?? [Self.noOrganization]
        case let row as DirectoryDocument.TokenEntry: memberships[row.userID] ?? [Self.noOrganization]
        default: []
        }
    }
}
