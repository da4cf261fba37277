package import Directory
package import Model
import WireJSON

/// Changes of organizations, each in the transaction of `rows` with the entry in the audit log.
package struct OrganizationChanges {
    private let rows: any DirectoryRows
    private let author: ChangeAuthor
    private let now: Timestamp

    package init(_ rows: any DirectoryRows, author: ChangeAuthor, at now: Timestamp) {
        self.rows = rows
        self.author = author
        self.now = now
    }

    package func create(_ fields: OrganizationFields) throws(ManagementRefusal) -> Organization {
        guard try directory(rows.organization(slug: fields.slug)) == nil else {
            throw ManagementRefusal("slug", "the slug \"\(fields.slug)\" is taken")
        }
        let organization = Organization(
            id: try directory(rows.nextID(of: .organizations)), slug: fields.slug, name: fields.name)
        var document = DirectoryDocument()
        document.organizations = [organization]
        try directory(rows.write(document))
        try directory(
            rows.record(
                AuditEntry.Draft(
                    event: AuditEntry.organizationCreated, by: author, organizationID: organization.id,
                    members: [.init(name: "name", value: .string(organization.name))], at: now)))
        return organization
    }
}
