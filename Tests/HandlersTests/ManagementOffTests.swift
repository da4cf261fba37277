import Directory
import Handlers
import Model
import TestSupport
import Testing

/// The management API of a program that may only read the directory.
struct ManagementOffTests {
    private static let routes = [
        ("POST", "/api/0/sentry-apps/"), ("GET", "/api/0/sentry-apps/draft-app/settings/"),
        ("PUT", "/api/0/sentry-apps/draft-app/"),
        ("DELETE", "/api/0/sentry-apps/draft-app/"), ("POST", "/api/0/sentry-apps/draft-app/rotate-secret/"),
        ("POST", "/api/0/organizations/acme/sentry-app-installations/"),
        ("DELETE", "/api/0/sentry-app-installations/c8e5d37a-696c-4c54-adb5-b3f28d64c7de/"),
        ("POST", "/api/0/hookline/directory/"),
    ]

    private static func send(
        _ method: String, _ path: String, _ management: DirectoryManagement?,
        releases: ClosedRange<ProtocolRelease>? = nil
    ) throws -> Response {
        var fixture = HandlersFixture()
        if let releases { try fixture.directory.becomeTables(of: releases) }
        let token = fixture.token(user: 100, scopes: [.hooklineAdmin])
        var dependencies = fixture.dependencies()
        dependencies.management = management
        return Service(dependencies: dependencies).respond(
            to: Request(
                method: method, path: .encoded(path), body: Array("{}".utf8), authorization: "Bearer \(token)",
                contentType: "application/json"))
    }

    @Test(arguments: routes)
    func changesAre503AndTheReasonIsForTheLogOnly(method: String, path: String) throws {
        let unwritable = DirectoryManagement(
            IncompleteDirectory(missing: []), at: .default, opener: IncompleteDirectoryOpener(findings: []),
            changes: DirectoryChanges())

        for management in [unwritable, nil] {
            let response = try Self.send(method, path, management)

            #expect(response.status == 503, "\(response.text)")
            #expect(response.detail?.contains("hookline-fcgi --check") == true)
            #expect(response.failure != nil && !response.text.contains("it cannot be written"))
        }
    }

    @Test(arguments: routes)
    func besideAnOriginalTheyAre403(method: String, path: String) throws {
        let release = ProtocolRelease(24, 1)

        let response = try Self.send(method, path, nil, releases: release...release)

        #expect(response.status == 403)
        #expect(response.text == #"{"detail":"This installation is managed by Sentry."}"#)
    }

    @Test func readingGoesOn() {
        #expect(HandlersFixture().get("draft-app/").status == 200)
    }
}
