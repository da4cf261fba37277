import Directory
import Foundation
import Handlers
import Model
import TestSupport

@testable import FCGIApp

extension RequestRecord {
    /// A request of `ann` for `/a` that took twelve milliseconds and some.
    static func sample(
        method: String = "GET", path: String = "/a", response: Response? = nil, isSent: Bool = true
    ) -> RequestRecord {
        var phases = RequestPhases()
        phases.parameters = 45
        phases.redis = 12_000
        phases.write = 5
        return RequestRecord(
            request: Request(
                method: method, path: .encoded(path), query: "token=secret", body: [1, 2],
                authorization: "Bearer secret", referer: "secret"),
            response: response ?? Response(status: 200, headers: [("X", "secret")], body: [1, 2, 3], identity: "ann"),
            isSent: isSent, phases: phases, requestID: "r-1", remoteAddress: "192.0.2.7")
    }
}

/// Calls `body` with the table of a block that holds `entries`, each `NAME=value`.
func withParameters<Result>(_ entries: [String], _ body: (ParameterTable) throws -> Result) rethrows -> Result {
    try withParameters(entries.map { Array($0.utf8) }, body)
}

/// The same with bytes that need not be text.
func withParameters<Result>(_ entries: [[UInt8]], _ body: (ParameterTable) throws -> Result) rethrows -> Result {
    var block = entries.map { entry in strdup((entry + [0]).map { CChar(bitPattern: $0) }) } + [nil]
    defer { for entry in block { free(entry) } }
    return try body(ParameterTable(block: &block))
}

/// A directory file with one organization, its owner and a published app.
enum SampleDirectory {
    static let user = "owner@acme.test"
    static let appID: Int64 = 1
    /// The parameters of a request whose user the web server has checked.
    static let signedIn = [("AUTH_TYPE", "Basic"), ("REMOTE_USER", user)]
    /// A path whose response needs Redis.
    static let log = "/api/0/sentry-apps/sample-app/requests/"

    /// Makes the file in `directory` and returns the setting for it.
    static func make(in directory: TemporaryDirectory) throws -> String {
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        document.users = [User(id: 1, username: user, email: user, name: "Owner")]
        document.memberships = [Membership(userID: 1, organizationID: 1, role: .owner)]
        let app = SentryApp(
            id: appID, slug: "sample-app", name: "Sample", ownerID: 1, status: .published,
            uuid: "a8e5d37a-696c-4c54-adb5-b3f28d64c7de", dateAdded: Timestamp(seconds: 0))
        document.apps = [DirectoryDocument.AppEntry(app: app, dateAdded: nil, components: [])]
        let path = directory.file("directory.sqlite")
        try SQLiteDirectoryWriter(path: path).importDocument(document, isReplacing: false, at: Timestamp(seconds: 0))
        return "sqlite:\(path)"
    }
}
