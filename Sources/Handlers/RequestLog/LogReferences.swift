import Buffer
import Directory
import Model
import WireJSON

/// What the rows of a page point to, each looked up once per request and kept as the JSON that the answer needs.
struct LogReferences {
    private let directory: any Directory
    private let basis: AnswerBasis
    /// Few in one answer, so that looking through them is faster than hashing.
    private var organizations: [(id: Int64, json: [UInt8])] = []
    private var projectPaths: [Int64: [UInt8]] = [:]
    private var errorURLs: [ErrorReference: [UInt8]] = [:]

    private struct ErrorReference: Hashable {
        var projectID: Int64
        var eventID: String
    }

    /// - Parameter basis: where each look-up is noted.
    init(directory: any Directory, basis: AnswerBasis) {
        self.directory = directory
        self.basis = basis
    }

    /// `{"name":…,"slug":…}` of the organization; empty when there is none.
    mutating func organization(_ id: Int64) throws(HTTPFailure) -> [UInt8] {
        if let known = organizations.first(where: { $0.id == id }) { return known.json }
        var json: [UInt8] = []
        if let organization = try lookUpOrganization(id) {
            json.append(literal: #"{"name":"#)
            JSONText.append(organization.name, escaping: .unicode, to: &json)
            json.append(literal: #","slug":"#)
            JSONText.append(organization.slug, escaping: .unicode, to: &json)
            json.append(UInt8(ascii: "}"))
        }
        organizations.append((id, json))
        return json
    }

    /// The path of an event's page as a JSON string (contract 2.6); empty when the project is not the app owner's, or the
    /// directory does not know the event or its group.
    mutating func errorURL(projectID: Int64, eventID: String, ownerID: Int64) throws(HTTPFailure) -> [UInt8] {
        let reference = ErrorReference(projectID: projectID, eventID: eventID)
        if let known = errorURLs[reference] { return known }
        var json = try projectPath(projectID, ownerID: ownerID)
        if !json.isEmpty, let groupID = try lookUpGroup(projectID: projectID, eventID: eventID) {
            json += Array(#"\#(groupID)/events/\#(eventID)/""#.utf8)
        } else {
            json = []
        }
        errorURLs[reference] = json
        return json
    }

    /// `"/organizations/{slug}/issues/`, quote included; empty when the project does not count.
    private mutating func projectPath(_ id: Int64, ownerID: Int64) throws(HTTPFailure) -> [UInt8] {
        if let known = projectPaths[id] { return known }
        var json: [UInt8] = []
        if let project = try lookUpProject(id), project.organizationID == ownerID,
            let organization = try lookUpOrganization(ownerID)
        {
            JSONText.append("/organizations/\(organization.slug)/issues/", escaping: .unicode, to: &json)
            json.removeLast()
        }
        projectPaths[id] = json
        return json
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
