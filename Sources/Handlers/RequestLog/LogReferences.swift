import Buffer
import Directory
import Model
import WireJSON

/// What the rows of a page point to, each looked up once per request and kept as the JSON that the answer needs.
struct LogReferences {
    private let directory: any DirectoryStore
    private let basis: CachedResponseBasis
    /// All the JSON, one piece behind the other: no piece of memory for each.
    private(set) var json: [UInt8] = []
    /// Few in one answer, so that looking through them is faster than hashing.
    private var organizations: [(id: Int64, json: Range<Int>)] = []
    private var projectPaths: [Int64: Range<Int>] = [:]
    private var errorURLs: [ErrorReference: Range<Int>] = [:]

    private struct ErrorReference: Hashable {
        var projectID: Int64
        var eventID: String
    }

    /// - Parameter basis: where each look-up is noted.
    init(directory: any DirectoryStore, basis: CachedResponseBasis) {
        self.directory = directory
        self.basis = basis
    }

    /// Where in `json` there is `{"name":…,"slug":…}` of the organization; empty when there is no such organization.
    mutating func organization(_ id: Int64) throws(HTTPFailure) -> Range<Int> {
        if let known = organizations.first(where: { $0.id == id }) { return known.json }
        let start = json.count
        if let organization = try lookUpOrganization(id) {
            json.append(literal: #"{"name":"#)
            JSONText.append(organization.name, escaping: .unicode, to: &json)
            json.append(literal: #","slug":"#)
            JSONText.append(organization.slug, escaping: .unicode, to: &json)
            json.append(UInt8(ascii: "}"))
        }
        organizations.append((id, start..<json.count))
        return start..<json.count
    }

    /// Where in `json` the path of an event's page is, a JSON string (contract 2.6); empty when the project is not the app
    /// owner's, or the directory does not know the event or its group.
    mutating func errorURL(projectID: Int64, eventID: String, ownerID: Int64) throws(HTTPFailure) -> Range<Int> {
        let reference = ErrorReference(projectID: projectID, eventID: eventID)
        if let known = errorURLs[reference] { return known }
        let path = try projectPath(projectID, ownerID: ownerID)
        let start = json.count
        if !path.isEmpty, let groupID = try lookUpGroup(projectID: projectID, eventID: eventID) {
            json += json[path]
            json += Array(#"\#(groupID)/events/\#(eventID)/""#.utf8)
        }
        errorURLs[reference] = start..<json.count
        return start..<json.count
    }

    /// Where in `json` there is `"/organizations/{slug}/issues/`, quote included; empty when the project does not count.
    private mutating func projectPath(_ id: Int64, ownerID: Int64) throws(HTTPFailure) -> Range<Int> {
        if let known = projectPaths[id] { return known }
        let start = json.count
        if let project = try lookUpProject(id), project.organizationID == ownerID,
            let organization = try lookUpOrganization(ownerID)
        {
            JSONText.append("/organizations/\(organization.slug)/issues/", escaping: .unicode, to: &json)
            json.removeLast()
        }
        projectPaths[id] = start..<json.count
        return start..<json.count
    }

    private func lookUpOrganization(_ id: Int64) throws(HTTPFailure) -> Organization? {
        do {
            let organization = try directory.organization(id: id)
            basis.note(.organization(id: id, organization))
            return organization
        } catch {
            throw .unavailable(error)
        }
    }

    private func lookUpProject(_ id: Int64) throws(HTTPFailure) -> Project? {
        do {
            let project = try directory.project(id: id)
            basis.note(.project(id: id, project))
            return project
        } catch {
            throw .unavailable(error)
        }
    }

    private func lookUpGroup(projectID: Int64, eventID: String) throws(HTTPFailure) -> Int64? {
        do {
            let event = try directory.issueEvent(projectID: projectID, eventID: eventID)
            basis.note(.issueEvent(projectID: projectID, eventID: eventID, event))
            return event?.groupID
        } catch {
            throw .unavailable(error)
        }
    }
}
