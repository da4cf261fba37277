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
        var world = HandlersFixture.installed()
        let user = try #require(world.directory.users.first { $0.email == "\(role.rawValue)@acme.test" })
        let token = world.token(user: user.id, scopes: [.eventWrite])

        #expect(world.enqueue(token: token).status == 202)
        #expect(world.enqueue(token: token, installation: "installation-3").status == 202)
        #expect(world.enqueue(token: token, installation: "installation-2").text == #"{"detail":"Not found."}"#)
        #expect(world.queue.entries.map(\.appID) == [10, 20])
    }

    @Test(arguments: Scope.allCases)
    func aTokenNeedsOneOfTwoScopes(_ scope: Scope) {
        var world = HandlersFixture.installed()
        let member = world.token(user: 103, scopes: [scope])
        let outsider = world.token(user: 110, scopes: [scope])
        let isPlatform = scope == .hooklineEnqueue
        let isWriter = scope == .eventWrite

        #expect(world.enqueue(token: member).status == (isPlatform || isWriter ? 202 : 403))
        #expect(world.enqueue(token: outsider).status == (isPlatform ? 202 : isWriter ? 404 : 403))
        #expect(
            world.enqueue(token: outsider, installation: "nope").status == (isPlatform || isWriter ? 404 : 403))
    }

    @Test func whoHasNoRightCannotTellAnInstallationFromNone() {
        var world = HandlersFixture.installed()
        let outsider = world.token(user: 110, scopes: [.eventWrite])
        let loner = world.token(user: 111, scopes: [.orgRead])

        for token in [outsider, loner] {
            let existing = world.enqueue("[", token: token)
            let missing = world.enqueue("[", token: token, installation: "nope")

            #expect(existing.status == missing.status && existing.text == missing.text)
        }
    }

    @Test func anAppsOwnTokenMayNot() throws {
        var world = HandlersFixture.installed()
        let token = try world.proxyToken(appID: 10, appScopes: [.eventWrite], tokenScopes: [.eventWrite])

        #expect(world.enqueue(token: token).status == 404)
    }

    @Test func aUserIsToldToSendAToken() {
        let world = HandlersFixture.installed()
        let path = Request.Path.encoded("/api/0/sentry-app-installations/\(HandlersFixture.installation)/events/")

        for user in [HandlersFixture.owner, HandlersFixture.superuser] {
            let response = world.send(
                Request(
                    method: "POST", path: path, body: Array(HandlersFixture.event.utf8), remoteUser: user,
                    allowsSuperuser: true,
                    contentType: "application/json", secFetchSite: "same-origin"))

            #expect(response.status == 403)
            #expect(response.detail == "Events are taken from API tokens only: send Authorization: Bearer.")
        }
        #expect(world.queue.entries.isEmpty)
    }

    @Test func nobodyIs401WhateverTheInstallation() {
        let world = HandlersFixture.installed()

        for installation in [HandlersFixture.installation, "nope"] {
            let response = world.enqueue(token: nil, installation: installation)

            #expect(response.status == 401)
            #expect(response.detail == "Authentication credentials were not provided.")
            #expect(response.header("WWW-Authenticate") == #"xBasic realm="api""#)
        }
        #expect(world.enqueue(token: "wrong").status == 401)
    }

    @Test func anExpiredTokenOrOneOfAnInactiveUserIs401() {
        var world = HandlersFixture.installed()
        let expired = world.token(user: 103, scopes: [.eventWrite], expiresAt: HandlersFixture.now.adding(seconds: -1))
        let inactive = world.token(user: 113, scopes: [.eventWrite, .hooklineEnqueue])

        #expect(world.enqueue(token: expired).status == 401)
        #expect(world.enqueue(token: inactive).status == 401)
    }

    @Test func whatIsDeletedDoesNotExist() {
        var world = HandlersFixture.installed()
        let token = world.platformToken()
        world.directory.installations[0].dateDeleted = HandlersFixture.now
        world.directory.apps[4].dateDeleted = HandlersFixture.now

        #expect(world.enqueue(token: token).text == #"{"detail":"Not found."}"#)
        #expect(world.enqueue(token: token, installation: "installation-3").text == #"{"detail":"Not found."}"#)
        #expect(world.enqueue(token: token, installation: "installation-2").status == 202)
    }

    @Test func aDeletedInstallationTakesTheEventOfItsDeletionOnly() {
        var world = HandlersFixture.installed()
        let token = world.platformToken()
        world.directory.installations[0].dateDeleted = HandlersFixture.now
        let others = [
            #"{"event":"installation.created","data":{}}"#, #"{"event":7}"#, "[", "[]", "",
            #"{"event":"nonsense","data":{}}"#, String(repeating: " ", count: 300_000),
        ]

        let deleted = world.enqueue(#"{"event":"installation.deleted","data":{}}"#, token: token)
        let incomplete = world.enqueue(#"{"event":"installation.deleted"}"#, token: token)
        let answers = others.map { world.enqueue($0, token: token) }

        #expect(deleted.status == 202)
        #expect(incomplete.status == 400)
        #expect(answers.map(\.status) == others.map { _ in 404 })
        #expect(world.queue.entries.map(\.event) == ["installation.deleted"])
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "BREW"])
    func thereIsOnlyPost(_ method: String) {
        var world = HandlersFixture.installed()
        let token = world.platformToken()
        let path = Request.Path.encoded("/api/0/sentry-app-installations/\(HandlersFixture.installation)/events/")

        let byToken = world.send(Request(method: method, path: path, authorization: "Bearer \(token)"))
        let byUser = world.send(
            Request(method: method, path: path, remoteUser: HandlersFixture.owner, secFetchSite: "same-origin"))
        let byNobody = world.send(Request(method: method, path: path))

        #expect([byToken, byUser, byNobody].map(\.status) == [405, 405, 401])
        #expect(byToken.detail == "Method \"\(method)\" not allowed.")
        #expect(byToken.header("Allow") == "POST, OPTIONS")
    }

    @Test func optionsAreAnsweredToEverybody() {
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

    @Test(arguments: ["", "x/", "events/x/", "events/x/redeliver/", "Events/"])
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
