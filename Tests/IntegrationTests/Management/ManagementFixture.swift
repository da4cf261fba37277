import Foundation
import TestSupport

/// The stores of a directory of Hookline's own.
enum ManagementStore: CaseIterable, Sendable {
    case sqlite, postgreSQL
}

/// The shipped site with a directory that the management API changes.
struct ManagementFixture {
    /// Who sends a request.
    enum Caller: String, CaseIterable {
        case nobody, member, manager, outsider, superuserElsewhere, superuser
        case readToken, writeToken, adminScopeToken, enqueueToken, outsidersToken, administratorToken

        /// The token's text; nil for those who sign in.
        var token: String? {
            switch self {
            case .nobody, .member, .manager, .outsider, .superuserElsewhere, .superuser: nil
            case .readToken, .writeToken, .adminScopeToken, .enqueueToken, .outsidersToken, .administratorToken:
                "token-of-\(rawValue)-in-tests"
            }
        }

        var login: String? {
            switch self {
            case .member: "member@acme.test"
            case .manager: "manager@acme.test"
            case .outsider: "outsider@globex.test"
            case .superuserElsewhere, .superuser: "root@hookline.test"
            case .nobody, .readToken, .writeToken, .adminScopeToken, .enqueueToken, .outsidersToken,
                .administratorToken:
                nil
            }
        }
    }

    static let installation = "c8e5d37a-696c-4c54-adb5-b3f28d64c7de"
    static let secret = "hidden-9f3b6c-secret-of-the-draft-that-no-answer-shows"
    static let agentToken = "token-that-acts-for-an-app-in-tests"
    private static let logins = ["member@acme.test", "manager@acme.test", "outsider@globex.test", "root@hookline.test"]

    static let document = """
        {
          "organizations": [{"id": 1, "slug": "acme", "name": "Acme"}, {"id": 2, "slug": "globex"}],
          "users": [
            {"id": 1, "email": "member@acme.test"}, {"id": 2, "email": "manager@acme.test"},
            {"id": 3, "email": "outsider@globex.test"},
            {"id": 4, "email": "root@hookline.test", "is_superuser": true}
          ],
          "memberships": [
            {"user_id": 1, "organization_id": 1, "role": "member"},
            {"user_id": 2, "organization_id": 1, "role": "manager"},
            {"user_id": 3, "organization_id": 2, "role": "owner"}
          ],
          "apps": [
            {"id": 1, "slug": "public", "owner_id": 1, "status": "published",
             "webhook_url": "https://example.com/hook", "events": ["issue.created"]},
            {"id": 2, "slug": "draft", "owner_id": 1, "status": "unpublished", "client_secret": "\(secret)",
             "webhook_url": "https://example.com/hook", "events": ["issue.created"], "scopes": ["event:read"]}
          ],
          "installations": [{"id": 1, "app_id": 2, "organization_id": 1, "uuid": "\(installation)"}],
          "service_hooks": [{"id": 1, "installation_id": 1, "organization_id": 1, "events": ["issue.created"]}],
          "tokens": [
            {"token": "\(Caller.readToken.token ?? "")", "user_id": 2, "scopes": ["org:read", "event:admin"]},
            {"token": "\(Caller.writeToken.token ?? "")", "user_id": 2, "scopes": ["org:write", "event:read"]},
            {"token": "\(Caller.adminScopeToken.token ?? "")", "user_id": 1, "scopes": ["org:admin"]},
            {"token": "\(Caller.enqueueToken.token ?? "")", "user_id": 2, "scopes": ["hookline:enqueue"]},
            {"token": "\(Caller.outsidersToken.token ?? "")", "user_id": 3, "scopes": ["org:write", "org:admin"]},
            {"token": "\(Caller.administratorToken.token ?? "")", "user_id": 1, "scopes": ["hookline:admin"]}
          ]
        }
        """

    let server: ServerFixture

    init(
        _ store: ManagementStore = .sqlite, responder: ServerFixture.Responder = .fastCGI(count: 1),
        flags: [String] = []
    ) throws {
        server = try ServerFixture(
            document: Self.document, logins: Self.logins, responder: responder, responderFlags: flags,
            database: store == .postgreSQL ? try .standalone() : nil)
    }

    /// Sends a request below `/api/0/`.
    ///
    /// - Parameter token: of somebody who is none of the callers.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, as caller: Caller = .manager, token: String? = nil,
        ifMatch: String? = nil
    ) throws -> HTTPClient.Response {
        var headers = [(name: "Sec-Fetch-Site", value: "same-origin")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        if let token = token ?? caller.token { headers.append(("Authorization", "Bearer \(token)")) }
        if let ifMatch { headers.append(("If-Match", ifMatch)) }
        return try server.client(asAdministrator: caller == .superuser).send(
            method, "/api/0/" + path,
            basic: token == nil ? caller.login.map { "\($0):\(ServerFixture.password)" } : nil, headers: headers,
            body: body.map { Array($0.utf8) })
    }

    /// Merges a document by another program, so that the responders' caches do not know of it.
    func importByCommand(_ document: String) throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write(document, to: "document.json")
        let (status, _, error) = try ChildProcess.run(
            [try BuiltProducts.path("hookline"), "directory", "import", "--merge", path],
            environment: ["HOOKLINE_DIRECTORY": server.directorySetting, "PATH": "/usr/bin:/bin"])
        guard status == .exited(0) else { throw TestSupportError("no import: \(error)") }
    }

    /// The directory as `hookline directory export` writes it.
    func export() throws -> GoldenValue {
        let (status, output, error) = try ChildProcess.run(
            [try BuiltProducts.path("hookline"), "directory", "export"],
            environment: ["HOOKLINE_DIRECTORY": server.directorySetting, "PATH": "/usr/bin:/bin"])
        guard status == .exited(0) else { throw TestSupportError("no export: \(error)") }
        return try GoldenValue(parsing: Array(output.utf8))
    }
}
