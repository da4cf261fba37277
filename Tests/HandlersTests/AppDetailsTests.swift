import Handlers
import Model
import TestSupport
import Testing

/// An app's details (docs/protocol.md 4.2) and who may see them (docs/protocol.md 5.5).
@Suite struct AppDetailsTests {
    private func detailedFixture() -> HandlersFixture {
        var fixture = HandlersFixture()
        fixture.directory.apps[0] = SentryApp(
            id: 10, slug: "pub-app", name: "Pub & Ünion", ownerID: HandlersFixture.acme, status: .published,
            uuid: "u-1",
            author: "A. Uthor", overview: nil, webhookURL: "https://hook.test/", redirectURL: nil, isAlertable: true,
            verifyInstall: false, events: ["issue.created", "issue.resolved", "error"],
            scopes: ScopeSet([.projectRead, .orgIntegrations]), schemaJSON: #"{"elements":[{"type":"issue-link"}]}"#,
            popularity: 3, clientID: "client", clientSecret: Secret("s3cret"),
            allowedOrigins: ["https://a.test"],
            avatars: [SentryApp.Avatar(type: "upload", uuid: "av", isColor: true)],
            features: [SentryApp.Feature(id: 0, gate: "integrations-api", description: "d")],
            datePublished: Timestamp(parsing: "2023-01-01 00:00:00+00:00"))
        return fixture
    }

    private let publicPart =
        #"{"allowedOrigins":["https://a.test"],"author":"A. Uthor","#
        + #""avatars":[{"avatarType":"upload","avatarUuid":"av","color":true}],"events":["issue","error"],"#
        + #""featureData":[{"featureId":0,"featureGate":"integrations-api","description":"d"}],"isAlertable":true,"#
        + #""name":"Pub & Ünion","overview":null,"popularity":3,"redirectUrl":null,"#
        + #""schema":{"elements":[{"type":"issue-link"}]},"scopes":["project:read","org:integrations"],"#
        + #""slug":"pub-app","status":"published","uuid":"u-1","verifyInstall":false,"#
        + #""webhookUrl":"https://hook.test/","datePublished":"2023-01-01T00:00:00Z""#

    @Test func anOutsiderSeesThePublicPart() {
        let response = detailedFixture().get("pub-app/", as: HandlersFixture.outsider)

        #expect(response.status == 200)
        #expect(response.text == publicPart + "}")
    }

    @Test(arguments: [
        (HandlersFixture.owner, "s3cret"), (HandlersFixture.superuser, "s3cret"),
        (HandlersFixture.member, String(repeating: "*", count: 64)),
    ])
    func theSecretRequiresEveryScopeOfTheApp(_ user: String, _ secret: String) {
        let response = detailedFixture().get("pub-app/", as: user)

        #expect(
            response.text
                == publicPart
                + #","clientId":"client","clientSecret":"\#(secret)","owner":{"id":1,"slug":"acme"}}"#)
    }

    /// An empty text would pass for one.
    @Test func aDamagedSecretIsNull() {
        var fixture = detailedFixture()
        fixture.directory.apps[0].clientSecret = Secret("")
        fixture.directory.apps[0].damagedSecrets = [.clientSecret]

        #expect(fixture.get("pub-app/", as: HandlersFixture.owner).text.contains(#""clientSecret":null,"#))
        #expect(fixture.get("pub-app/", as: HandlersFixture.member).text.contains(#""clientSecret":"****"#))
    }

    @Test func aTokenSeesTheSecretOnlyWithTheAppsScopes() {
        var fixture = detailedFixture()
        let narrow = fixture.token(user: 103, scopes: [.orgRead])
        let wide = fixture.token(user: 103, scopes: [.projectRead, .orgIntegrations])

        #expect(
            fixture.get("pub-app/", token: narrow).json?["clientSecret"].string == String(repeating: "*", count: 64))
        #expect(fixture.get("pub-app/", token: wide).json?["clientSecret"].string == "s3cret")
    }

    @Test func anInternalAppHasNoFeatureData() {
        var fixture = HandlersFixture()
        fixture.directory.apps[2].features = [SentryApp.Feature(id: 0, gate: "g", description: "d")]

        #expect(fixture.get("int-app/").text.contains(#""featureData":[]"#))
    }

    @Test(arguments: [
        ("pub-app", HandlersFixture.outsider, 200), ("draft-app", HandlersFixture.outsider, 404),
        ("int-app", HandlersFixture.outsider, 404),
        ("review-app", HandlersFixture.outsider, 404), ("draft-app", HandlersFixture.member, 200),
        ("int-app", HandlersFixture.member, 200),
        ("draft-app", HandlersFixture.superuser, 200), ("globex-draft", HandlersFixture.owner, 404),
        ("nope", HandlersFixture.owner, 404),
    ])
    func unpublishedAppsExistForTheirOwnersOnly(_ slug: String, _ user: String, _ status: Int) {
        let response = HandlersFixture().get("\(slug)/", as: user)

        #expect(response.status == status)
        if status == 404 { #expect(response.text == #"{"detail":"Not found."}"#) }
    }

    @Test(arguments: [
        ([Scope.eventRead], "pub-app", 200), ([.orgCI], "pub-app", 403), ([.alertsRead], "pub-app", 403),
        ([.eventRead], "draft-app", 403), ([.orgRead], "draft-app", 200), ([], "pub-app", 403),
    ])
    func tokensNeedAScopeForTheKindOfApp(_ scopes: [Scope], _ slug: String, _ status: Int) {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 103, scopes: scopes)

        #expect(fixture.get("\(slug)/", token: token).status == status)
    }

    @Test func aSuperuserWithoutActiveRightsIsAnOutsider() {
        let fixture = HandlersFixture()

        let response = fixture.send(
            Request(
                method: "GET", path: .encoded("/api/0/sentry-apps/draft-app/"), remoteUser: HandlersFixture.superuser,
                allowsSuperuser: false))

        #expect(response.status == 404)
    }
}
