import Buffer
import Handlers
import Model
import Queue
import TestSupport
import Testing

/// Who may queue events: programs, by token; for everybody else an installation does not exist.
@Suite struct EventsPermissionTests {
    @Test(arguments: Role.allCases)
    func aMembersTokenWithTheScopeMayForItsOrganization(_ role: Role) throws {
        var fixture = HandlersFixture.installed()
        let user = try #require(fixture.directory.users.first { $0.email == "\(role.rawValue)@acme.test" })
        let token = fixture.token(user: user.id, scopes: [.eventWrite])

        #expect(fixture.enqueue(token: token).status == 202)
        #expect(fixture.enqueue(token: token, installation: "installation-3").status == 202)
        #expect(fixture.enqueue(token: token, installation: "installation-2").text == #"{"detail":"Not found."}"#)
        #expect(fixture.queue.entries.map(\.appID) == [10, 20])
    }

    @Test(arguments: Scope.allCases)
    func aTokenNeedsOneOfTwoScopes(_ scope: Scope) {
        var fixture = HandlersFixture.installed()
        let member = fixture.token(user: 103, scopes: [scope])
        let outsider = fixture.token(user: 110, scopes: [scope])
        let isPlatform = scope == .hooklineEnqueue
        let isWriter = scope == .eventWrite

        #expect(fixture.enqueue(token: member).status == (isPlatform || isWriter ? 202 : 403))
        #expect(fixture.enqueue(token: outsider).status == (isPlatform ? 202 : isWriter ? 404 : 403))
        #expect(
            fixture.enqueue(token: outsider, installation: "nope").status == (isPlatform || isWriter ? 404 : 403))
    }

    @Test func withoutARightAnInstallationLooksLikeNone() {
        var fixture = HandlersFixture.installed()
        let outsider = fixture.token(user: 110, scopes: [.eventWrite])
        let loner = fixture.token(user: 111, scopes: [.orgRead])

        for token in [outsider, loner] {
            let existing = fixture.enqueue("[", token: token)
            let missing = fixture.enqueue("[", token: token, installation: "nope")

            #expect(existing.status == missing.status && existing.text == missing.text)
        }
    }

    @Test func anAppsOwnTokenMayNot() throws {
        var fixture = HandlersFixture.installed()
        let token = try fixture.proxyToken(appID: 10, appScopes: [.eventWrite], tokenScopes: [.eventWrite])

        #expect(fixture.enqueue(token: token).status == 404)
    }

    @Test func aUserGetsTheAdviceToSendAToken() {
        let fixture = HandlersFixture.installed()
        let path = Request.Path.encoded("/api/0/sentry-app-installations/\(HandlersFixture.installation)/events/")

        for user in [HandlersFixture.owner, HandlersFixture.superuser] {
            let response = fixture.send(
                Request(
                    method: "POST", path: path, body: Array(HandlersFixture.event.utf8), remoteUser: user,
                    allowsSuperuser: true,
                    contentType: "application/json", secFetchSite: "same-origin"))

            #expect(response.status == 403)
            #expect(response.detail == "Events are accepted only with an API token: send Authorization: Bearer.")
        }
        #expect(fixture.queue.entries.isEmpty)
    }

    @Test func anonymousIs401WhateverTheInstallation() {
        let fixture = HandlersFixture.installed()

        for installation in [HandlersFixture.installation, "nope"] {
            let response = fixture.enqueue(token: nil, installation: installation)

            #expect(response.status == 401)
            #expect(response.detail == "Authentication credentials were not provided.")
            #expect(response.header("WWW-Authenticate") == #"xBasic realm="api""#)
        }
        #expect(fixture.enqueue(token: "wrong").status == 401)
    }

    @Test func anExpiredTokenOrOneOfAnInactiveUserIs401() {
        var fixture = HandlersFixture.installed()
        let expired = fixture.token(
            user: 103, scopes: [.eventWrite], expiresAt: HandlersFixture.now.adding(seconds: -1))
        let inactive = fixture.token(user: 113, scopes: [.eventWrite, .hooklineEnqueue])

        #expect(fixture.enqueue(token: expired).status == 401)
        #expect(fixture.enqueue(token: inactive).status == 401)
    }

    @Test func whatIsDeletedDoesNotExist() {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        fixture.directory.installations[0].dateDeleted = HandlersFixture.now
        fixture.directory.apps[4].dateDeleted = HandlersFixture.now

        #expect(fixture.enqueue(token: token).text == #"{"detail":"Not found."}"#)
        #expect(fixture.enqueue(token: token, installation: "installation-3").text == #"{"detail":"Not found."}"#)
        #expect(fixture.enqueue(token: token, installation: "installation-2").status == 202)
    }

    @Test func aDeletedInstallationTakesTheEventOfItsDeletionOnly() {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        fixture.directory.installations[0].dateDeleted = HandlersFixture.now
        let others = [
            #"{"event":"installation.created","data":{}}"#, #"{"event":7}"#, "[", "[]", "",
            #"{"event":"nonsense","data":{}}"#, String(repeating: " ", count: 300_000),
        ]

        let deleted = fixture.enqueue(#"{"event":"installation.deleted","data":{}}"#, token: token)
        let incomplete = fixture.enqueue(#"{"event":"installation.deleted"}"#, token: token)
        let responses = others.map { fixture.enqueue($0, token: token) }

        #expect(deleted.status == 202)
        #expect(incomplete.status == 400)
        #expect(responses.map(\.status) == others.map { _ in 404 })
        #expect(fixture.queue.entries.map(\.event) == ["installation.deleted"])
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "BREW"])
    func thereIsOnlyPost(_ method: String) {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        let path = Request.Path.encoded("/api/0/sentry-app-installations/\(HandlersFixture.installation)/events/")

        let byToken = fixture.send(Request(method: method, path: path, authorization: "Bearer \(token)"))
        let byUser = fixture.send(
            Request(method: method, path: path, remoteUser: HandlersFixture.owner, secFetchSite: "same-origin"))
        let byNobody = fixture.send(Request(method: method, path: path))

        #expect([byToken, byUser, byNobody].map(\.status) == [405, 405, 401])
        #expect(byToken.detail == "Method \"\(method)\" not allowed.")
        #expect(byToken.header("Allow") == "POST, OPTIONS")
    }

    @Test func optionsNeedNoAuthentication() {
        let response = HandlersFixture.installed().send(
            Request(method: "OPTIONS", path: .encoded("/api/0/sentry-app-installations/nope/events/")))

        #expect(response.status == 200)
        #expect(response.header("Allow") == "POST, OPTIONS")
        #expect(response.header("Access-Control-Max-Age") == "3600")
    }

    @Test func negotiationComesBeforeAuthentication() {
        let response = HandlersFixture.installed().send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-app-installations/nope/events/"), accept: "text/html"))

        #expect(response.status == 406)
    }

    @Test(arguments: ["x/", "events/x/", "events/x/redeliver/", "Events/"])
    func otherPathsLeadNowhere(_ rest: String) {
        let path = Request.Path.encoded("/api/0/sentry-app-installations/\(HandlersFixture.installation)/\(rest)")
        #expect(HandlersFixture.installed().send(Request(method: "POST", path: path)).status == 404)
        #expect(
            HandlersFixture.installed().send(
                Request(method: "POST", path: .encoded("/api/0/sentry-apps/pub-app/events/"))
            ).status
                == 404)
        #expect(
            HandlersFixture.installed().send(
                Request(method: "GET", path: .encoded("/api/0/sentry-app-installations/x/stats/"))
            )
            .status
                == 404)
    }
}
