import Directory
import Model

/// What an answer shows of the directory, to be compared with what the directory says later.
enum DirectoryReference: Sendable {
    case organization(id: Int64, Organization?)
    case project(id: Int64, Project?)
    case issueEvent(projectID: Int64, eventID: String, IssueEvent?)

    /// Whether the directory still says the same, as far as answers show it. An error is no yes.
    func isUnchanged(in directory: any DirectoryStore) -> Bool {
        do {
            switch self {
            case .organization(let id, let known):
                return Self.isSame(try directory.organization(id: id), known)
            case .project(let id, let known):
                return try directory.project(id: id)?.organizationID == known?.organizationID
            case .issueEvent(let projectID, let eventID, let known):
                return try directory.issueEvent(projectID: projectID, eventID: eventID)?.groupID == known?.groupID
            }
        } catch {
            return false
        }
    }

    /// Byte for byte: Swift takes different spellings of one character for the same text.
    private static func isSame(_ left: Organization?, _ right: Organization?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.slug.hasSameBytes(as: right.slug) && left.name.hasSameBytes(as: right.name)
    }

    /// Its memory, about.
    var byteCount: Int {
        switch self {
        case .organization(_, let organization):
            128 + (organization.map { $0.slug.utf8.count + $0.name.utf8.count } ?? 0)
        case .project: 128
        // The event's number is there twice, each in a piece of memory of its own.
        case .issueEvent(_, let eventID, _): 192 + 2 * (eventID.utf8.count + 32)
        }
    }
}
