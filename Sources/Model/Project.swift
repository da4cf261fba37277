/// A project of an organization.
package struct Project: Hashable, Sendable {
    package var id: Int64
    package var slug: String
    package var organizationID: Int64

    package init(id: Int64, slug: String, organizationID: Int64) {
        self.id = id
        self.slug = slug
        self.organizationID = organizationID
    }
}

/// Which issue ("group") an error event belongs to.
package struct IssueEvent: Hashable, Sendable {
    package var projectID: Int64
    /// 32 lower-case hexadecimal digits.
    package var eventID: String
    package var groupID: Int64?

    package init(projectID: Int64, eventID: String, groupID: Int64?) {
        self.projectID = projectID
        self.eventID = eventID
        self.groupID = groupID
    }
}
