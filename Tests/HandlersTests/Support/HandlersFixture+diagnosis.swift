import Buffer
import Handlers
import Model
import TestSupport

/// Diagnoses and test events.
extension HandlersFixture {
    /// An installed fixture in which `pub-app` would get `issue.created` from `acme` alone.
    static func deliverable() -> HandlersFixture {
        var fixture = installed()
        fixture.directory.installations.removeAll { $0.id == 2 }
        fixture.directory.apps[0].webhookURL = "https://hook.test/in"
        fixture.directory.apps[0].events = ["issue"]
        fixture.directory.serviceHooks = [
            ServiceHook(id: 1, installationID: 1, organizationID: acme, url: "", events: ["issue.created"])
        ]
        return fixture
    }

    /// Installs `pub-app` in `globex`, too, with a hook that is limited to a project.
    mutating func installElsewhere() {
        directory.installations.append(
            Installation(
                id: 2, appID: 10, organizationID: HandlersFixture.globex, uuid: "installation-2",
                dateAdded: HandlersFixture.now))
        directory.serviceHooks.append(
            ServiceHook(
                id: 2, installationID: 2, organizationID: HandlersFixture.globex, url: "", events: ["issue.created"],
                projectIDs: [6]))
    }

    /// `POST …/test-event/` of `pub-app` as a signed-in user, or with a token.
    func sendTest(
        _ body: String = #"{"eventType":"issue.created"}"#, app: String = "pub-app",
        as user: String? = HandlersFixture.owner,
        token: String? = nil, key: String? = nil, contentType: String? = "application/json"
    ) -> Response {
        send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-apps/\(app)/test-event/"), body: Array(body.utf8),
                remoteUser: token == nil ? user : nil, allowsSuperuser: user == HandlersFixture.superuser,
                authorization: token.map { "Bearer \($0)" }, contentType: contentType, secFetchSite: "same-origin",
                idempotencyKey: key))
    }
}

extension Response {
    /// The steps of one result, `step: text`.
    func steps(_ result: String) -> [String] {
        (json?["steps"].elements ?? []).filter { $0["result"].string == result }.map {
            "\($0["step"].string ?? ""): \($0["text"].string ?? "")"
        }
    }
}
