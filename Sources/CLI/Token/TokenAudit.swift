import Directory
import Management
import Model
import WireJSON

/// The entries in the audit log about a token: one for each organization of its user.
struct TokenAudit {
    private let directory: any DirectoryDatabase
    private let event: Int
    private let date: Timestamp

    /// Stands for no organization: of users who are members of none.
    private static let noOrganization: Int64 = 0

    init(_ directory: any DirectoryDatabase, event: Int, at date: Timestamp) {
        self.directory = directory
        self.event = event
        self.date = date
    }

    func organizations(of user: User) throws(CommandFailure) -> [Int64] {
        let memberships = try reportingDirectoryErrors(try directory.memberships(userID: user.id))
        return memberships.isEmpty ? [Self.noOrganization] : memberships.map(\.organizationID)
    }

    /// Without the token and its digest.
    func entries(of token: APIToken, user: User, in organizations: [Int64]) -> [AuditEntry.Draft] {
        var members: [JSONValue.Member] = [
            .init(name: "user", value: .string(user.username)), .init(name: "token", value: .integer(token.id)),
            .init(name: "scopes", value: .array(token.scopes.scopes.map { .string($0.rawValue) })),
        ]
        if !token.name.isEmpty { members.append(.init(name: "label", value: .string(token.name))) }
        return organizations.map { organization in
            AuditEntry.Draft(
                event: event, by: ChangeAuthor(label: OperatorName.current()), organizationID: organization,
                members: members, at: date)
        }
    }
}
