import Buffer
import Directory
import Model
import WireJSON

/// The organizations, projects and issues that the rows of a page refer to, each looked up once per request and kept as
/// JSON.
struct LogReferences {
    private let directory: any DirectoryStore
    private let showsOrganizationID: Bool
    /// The JSON of all, in one buffer instead of an allocation for each.
    private(set) var json: [UInt8] = []
    /// Few in one response, so that a linear search is faster than hashing.
    private var organizations: [(id: Int64, json: Range<Int>)] = []
    private var projectPaths: [Int64: Range<Int>] = [:]
    private var errorURLs: [ErrorReference: Range<Int>] = [:]

    private struct ErrorReference: Hashable {
        var projectID: Int64
        var eventID: String
    }

    init(directory: any DirectoryStore, showsOrganizationID: Bool = false) {
        self.directory = directory
        self.showsOrganizationID = showsOrganizationID
    }

    /// The range in `json` of `{"name":…,"slug":…}`, or `{"name":…,"id":…,"slug":…}`, of the organization; empty when
    /// there is no such organization.
    mutating func organization(_ id: Int64) throws(HTTPFailure) -> Range<Int> {
        if let known = organizations.first(where: { $0.id == id }) { return known.json }
        let start = json.count
        if let organization = try orUnavailable(directory.organization(id: id)) {
            json.append(literal: #"{"name":"#)
            JSONText.append(organization.name, escaping: .unicode, to: &json)
            if showsOrganizationID {
                json.append(literal: #","id":"#)
                json.append(decimal: organization.id)
            }
            json.append(literal: #","slug":"#)
            JSONText.append(organization.slug, escaping: .unicode, to: &json)
            json.append(UInt8(ascii: "}"))
        }
        organizations.append((id, start..<json.count))
        return start..<json.count
    }

    /// The range in `json` of the path of an event's page, a JSON string (docs/protocol.md 2.6); empty when the project
    /// is not the app owner's, or the directory does not know the event or its group.
    mutating func errorURL(projectID: Int64, eventID: String, ownerID: Int64) throws(HTTPFailure) -> Range<Int> {
        let reference = ErrorReference(projectID: projectID, eventID: eventID)
        if let known = errorURLs[reference] { return known }
        let path = try projectPath(projectID, ownerID: ownerID)
        let start = json.count
        if !path.isEmpty,
            let groupID = try orUnavailable(directory.issueEvent(projectID: projectID, eventID: eventID))?.groupID
        {
            json += json[path]
            json += Array(#"\#(groupID)/events/\#(eventID)/""#.utf8)
        }
        errorURLs[reference] = start..<json.count
        return start..<json.count
    }

    /// The range in `json` of `"/organizations/{slug}/issues/`, quote included; empty when the project is not the
    /// app owner's.
    private mutating func projectPath(_ id: Int64, ownerID: Int64) throws(HTTPFailure) -> Range<Int> {
        if let known = projectPaths[id] { return known }
        let start = json.count
        if let project = try orUnavailable(directory.project(id: id)), project.organizationID == ownerID,
            let organization = try orUnavailable(directory.organization(id: ownerID))
        {
            JSONText.append("/organizations/\(organization.slug)/issues/", escaping: .unicode, to: &json)
            json.removeLast()
        }
        projectPaths[id] = start..<json.count
        return start..<json.count
    }
}
