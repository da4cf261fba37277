import Directory
import Management
import Model
import WireJSON

/// What the endpoints of the management API have in common.
extension RequestContext {
    /// The longest body of a request about one app or installation, in bytes: twice the largest schema.
    static let maximumManagementBodyBytes = 2 * AppRules.maximumSchemaByteCount

    /// The way to change the directory. Fails with 403 beside an original, and with 503 where this program may only
    /// read the directory.
    func management() throws(HTTPFailure) -> DirectoryManagement {
        guard try orUnavailable(directory.releases()) == nil else { throw .managedBySentry }
        guard let management = dependencies.management else { throw .managementOff("management is turned off") }
        switch try orUnavailable(management.problem()) {
        case nil: return management
        case .readOnlyTables?: throw .managedBySentry
        case let problem?: throw .managementOff(problem.description)
        }
    }

    /// Makes a change in one transaction. Fails with 400, 403, 404, 409 or 412 when it is refused.
    ///
    /// - Parameter now: the time of the change.
    func change<Result>(
        at now: Timestamp, _ body: (any DirectoryRows) throws(ManagementRefusal) -> Result
    ) throws(HTTPFailure) -> Result {
        let management = try management()
        do throws(ManagementRefusal) {
            return try management.change(at: now, failing: { .directory($0) }, body)
        } catch {
            throw HTTPFailure(error)
        }
    }

    /// Who makes a change, for the audit log.
    var author: ChangeAuthor {
        let user = caller.user
        return ChangeAuthor(
            userID: user?.id,
            label: user.map { $0.username.isEmpty ? $0.email : $0.username } ?? caller.logIdentity ?? "")
    }

    /// Writes an entry of the audit log; fails with 503 when it cannot be written.
    func record(_ audit: AuditEntry.Draft) throws(HTTPFailure) {
        try orUnavailable(directory.record(audit))
    }

    /// The rules for apps that the organization owns.
    func appRules(in organizationID: Int64) throws(HTTPFailure) -> AppRules {
        AppRules(
            events: events, webhookURL: WebhookURLRule(addresses: dependencies.addresses),
            organizationID: organizationID,
            ownScopes: try ManagementPermission.scopes(of: caller, in: organizationID, access: access),
            isAdministrator: ManagementPermission.isAdministrator(caller))
    }

    /// The changes of apps that the organization owns.
    func appChanges(
        _ rows: any DirectoryRows, rules: AppRules, at now: Timestamp
    ) -> AppChanges {
        AppChanges(rows, rules: rules, author: author, expected: request.ifMatch, at: now)
    }

    /// The body of a request as JSON; nil when there is none. Fails with 400, 413 or 415.
    ///
    /// - Parameter limit: the endpoint's `bodyLimit`.
    func json(limit: Int) throws(HTTPFailure) -> JSONValue? {
        // A longer body was not received, and must not count as none.
        guard request.bodyByteCount <= limit, request.bodyByteCount == request.body.count else {
            throw .bodyTooLarge(bytes: request.bodyByteCount, limit: limit)
        }
        guard !request.body.isEmpty else { return nil }
        if let encoding = request.contentEncoding, encoding.lowercased() != "identity" {
            throw .unsupportedContentEncoding(encoding)
        }
        let contentType = request.contentType ?? ""
        guard MediaType(contentType).covers(type: "application", subtype: "json") else {
            throw .unsupportedMediaType(contentType)
        }
        do throws(JSONSyntaxError) {
            return try JSONValue(
                parsing: request.body, limits: JSONValue.Limits(maximumByteCount: request.body.count))
        } catch {
            throw .badRequest("JSON parse error - \(error)")
        }
    }

    /// The same of a request to the endpoint; no body stands for an object without members.
    func fields(for endpoint: any Endpoint.Type) throws(HTTPFailure) -> JSONValue {
        try json(limit: endpoint.bodyLimit(dependencies.eventLimits)) ?? .object([])
    }

    /// Evaluates `read` and turns a refusal into a failure.
    func orRefused<Result>(
        _ read: @autoclosure () throws(ManagementRefusal) -> Result
    ) throws(HTTPFailure) -> Result {
        do throws(ManagementRefusal) {
            return try read()
        } catch {
            throw HTTPFailure(error)
        }
    }
}
