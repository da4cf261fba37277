import Buffer
import Foundation
import Queue
import TestSupport
import Testing

/// Why an app gets an event, and a test event, with everything that is shipped: nginx, responder, worker.
@Suite(.serialized)
struct DiagnosisTests {
    private static let app = "/api/0/sentry-apps/sample-app"
    private static let query = "?eventType=issue.created"

    /// A server whose app is installed once and subscribes to issues, and a worker that delivers to a receiver.
    private final class DiagnosisFixture {
        let server: ServerFixture
        let receiver: WebhookReceiver
        let worker: ChildProcess

        init() throws {
            receiver = try WebhookReceiver()
            server = try ServerFixture(
                document: DiagnosisFixture.document(url: receiver.url("/status/502")),
                logins: [ServerFixture.owner, ServerFixture.outsider])
            worker = try ChildProcess(
                [BuiltProducts.path("hookline-worker")],
                environment: [
                    "HOOKLINE_REDIS": server.redis.url, "HOOKLINE_DIRECTORY": DiagnosisFixture.directory(of: server),
                    "HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8", "HOOKLINE_RETRY_DELAYS": "none",
                ])
        }

        private static func directory(of server: ServerFixture) -> String {
            "sqlite:\(server.directory.file("directory.sqlite"))"
        }

        private static func document(url: String) -> String {
            """
            {"organizations": [{"id": 1, "slug": "acme", "name": "Acme"}],
             "users": [{"id": 1, "email": "\(ServerFixture.owner)"}, {"id": 2, "email": "\(ServerFixture.outsider)"}],
             "memberships": [{"user_id": 1, "organization_id": 1, "role": "owner"}],
             "apps": [{"id": 1, "slug": "sample-app", "name": "Sample", "owner_id": 1, "status": "published",
                       "client_secret": "\(ServerFixture.token)", "webhook_url": "\(url)", "events": ["issue"]}],
             "installations": [{"id": 1, "app_id": 1, "organization_id": 1, "uuid": "\(ServerFixture.installation)"}],
             "projects": [{"id": 5, "slug": "web", "organization_id": 1}],
             "service_hooks": [\(hook(events: "issue.created"))]}
            """
        }

        private static func hook(events: String) -> String {
            #"{"id": 1, "installation_id": 1, "organization_id": 1, "url": "x", "events": ["\#(events)"]}"#
        }

        /// Makes the installation's hook listen to something else.
        func misdirectHook() throws {
            try importDirectory(
                #"{"service_hooks": [\#(DiagnosisFixture.hook(events: "comment.created"))]}"#, in: server.directory)
        }

        func why() throws -> HTTPClient.Response {
            try server.get(DiagnosisTests.app + "/why/" + DiagnosisTests.query, as: ServerFixture.owner)
        }

        func sendTest(as login: String = ServerFixture.owner) throws -> HTTPClient.Response {
            try server.client().send(
                "POST", DiagnosisTests.app + "/test-event/", basic: "\(login):\(ServerFixture.password)",
                headers: [
                    ("Origin", "https://127.0.0.1:\(server.port)"), ("Content-Type", "application/json"),
                ], body: Array(#"{"eventType":"issue.created","project":"web"}"#.utf8))
        }

        /// The rows of the log, once there is one.
        func rows() throws -> [GoldenValue] {
            var rows: [GoldenValue] = []
            try waitUntil("a row of the log\n\(worker.standardError)", seconds: 30) {
                rows = try server.get(DiagnosisTests.app + "/requests/", as: ServerFixture.owner).json?.elements ?? []
                return !rows.isEmpty
            }
            return rows
        }
    }

    @Test func aTestEventArrivesAndItsRowIsInTheLog() throws {
        let fixture = try DiagnosisFixture()

        let before = try fixture.why()
        let sent = try fixture.sendTest()
        let id = try #require(sent.json?["id"].string, "\(sent.status) \(sent.text)")
        let rows = try fixture.rows()

        #expect(before.status == 200)
        #expect(before.json?["wouldBeDelivered"].bool == true, "\(before.text)")
        #expect(before.json?["installation"].string == ServerFixture.installation)
        #expect(sent.status == 202)
        #expect(rows.map { $0["requestId"].string } == [id])
        #expect(rows[0]["responseCode"].integer == 502)
        let request = try #require(fixture.receiver.received.first { $0.header("Request-ID") == id })
        let body = try GoldenValue(parsing: request.body)
        #expect(body["data"]["hookline_test"].bool == true)
        #expect(body["data"]["issue"]["project"]["slug"].string == "web")
        let log = try fixture.why().json?["steps"].elements.first { $0["step"].string == "log" }
        #expect(log?["text"].string?.contains(" 502") == true)
    }

    @Test func aMissingSubscriptionIsReportedAndNothingIsSent() throws {
        let fixture = try DiagnosisFixture()
        try fixture.misdirectHook()

        let why = try fixture.why()
        let sent = try fixture.sendTest()

        #expect(why.json?["wouldBeDelivered"].bool == false)
        let problems = why.json?["steps"].elements.filter { $0["result"].string == "problem" } ?? []
        #expect(problems.map { $0["step"].string } == ["hook's events"])
        #expect(sent.status == 409)
        #expect(sent.json?["steps"].elements.map { $0["step"].string } == ["hook's events"])
        #expect(try fixture.server.queue().statistics().depth == 0)
    }

    @Test func strangersGetNeither() throws {
        let fixture = try DiagnosisFixture()

        #expect(try fixture.server.get(Self.app + "/why/" + Self.query, as: ServerFixture.outsider).status == 403)
        #expect(try fixture.server.get(Self.app + "/why/" + Self.query, as: nil).status == 401)
        #expect(try fixture.sendTest(as: ServerFixture.outsider).status == 403)
    }
}
