import Buffer
import Handlers
import Model
import TestSupport
import Testing

/// The original's tests of `interaction/` (docs/protocol.md 10.4), and the rules of docs/protocol.md 3.1.
@Suite struct InteractionTests {
    private let path = "pub-app/interaction/"

    @Test func anonymousMayNeitherReadNorPost() {
        for response in [HandlersFixture().get(path, as: nil), HandlersFixture().post(path, "{}", as: nil)] {
            #expect(response.status == 401)
            #expect(response.detail == "Authentication credentials were not provided.")
        }
    }

    @Test func aSuperuserSeesInteractionsOfOthers() {
        let response = HandlersFixture().get("globex-app/interaction/", as: HandlersFixture.superuser)

        #expect(response.status == 200)
        #expect(response.json?["views"].elements.count == 24)
        #expect(response.text.hasSuffix(#""componentInteractions":{}}"#))
    }

    @Test func aMemberSeesTheComponentsOfTheirApp() {
        var fixture = HandlersFixture()
        fixture.directory.components = [
            SentryAppComponent(id: 1, appID: 10, type: "issue-link"),
            SentryAppComponent(id: 2, appID: 10, type: "issue-link"),
            SentryAppComponent(id: 3, appID: 10, type: "a:b"),
            SentryAppComponent(id: 4, appID: 11, type: "elsewhere"),
        ]
        let key = InteractionKey.componentInteracted(appSlug: "pub-app", componentType: "issue-link")
        fixture.interactions.counts = [.init(key: key, rollup: .hour, start: 1_689_850_800): 3]

        let response = fixture.get(path, "since=1689850800&until=1689854400&resolution=1h")

        #expect(
            response.text
                == #"{"views":[[1689850800.0,0],[1689854400.0,0]],"componentInteractions":{"#
                + #""issue-link":[[1689850800.0,3],[1689854400.0,0]],"a":[[1689850800.0,0],[1689854400.0,0]]}}"#)
        #expect(fixture.interactions.readSizes == [2])
    }

    @Test func interactionsOfAnotherOrganizationAreForbidden() {
        #expect(HandlersFixture().get("globex-app/interaction/").status == 403)
    }

    @Test(arguments: ["interaction", "stats"])
    func aStartAfterTheEndIsRefused(_ endpoint: String) {
        let response = HandlersFixture().get("pub-app/\(endpoint)/", "since=1569523068&until=1566931068")

        #expect(response.status == 400)
        #expect(response.detail == "start must be before or equal to end")
    }

    @Test func theDashboardsRangeHas91Days() {
        let response = HandlersFixture().get(path, "since=1682078400&until=1689854400")

        #expect(response.json?["views"].elements.count == 91)
    }

    @Test(arguments: [
        "{}", #"{"tsdbField":""}"#, #"{"tsdbField":"group"}"#, #"{"tsdbField":"SENTRY_APP_VIEWED"}"#, "",
        #"{"tsdbfield":"sentry_app_viewed"}"#,
    ])
    func aMissingOrUnknownFieldIsRefused(_ body: String) {
        let fixture = HandlersFixture()

        let response = fixture.post(path, body)

        #expect(response.status == 400)
        #expect(
            response.detail
                == "The tsdbField must be one of: sentry_app_viewed, sentry_app_component_interacted")
        #expect(fixture.interactions.increments.isEmpty)
    }

    @Test(arguments: ["", #","componentType":"alert-rule-action""#, #","componentType":null"#, #","componentType":[]"#])
    func aMissingOrUnknownComponentIsRefused(_ rest: String) {
        let response = HandlersFixture().post(path, #"{"tsdbField":"sentry_app_component_interacted"\#(rest)}"#)

        #expect(response.status == 400)
        #expect(
            response.detail
                == "The field componentType is required and must be one of ['stacktrace-link', 'issue-link']")
    }

    @Test(arguments: [HandlersFixture.owner, HandlersFixture.outsider, "loner@nowhere.test", HandlersFixture.superuser])
    func everySignedInUserMayPostForEveryApp(_ user: String) {
        let fixture = HandlersFixture()

        let views = fixture.post("draft-app/interaction/", #"{"tsdbField":"sentry_app_viewed"}"#, as: user)
        let component = fixture.post(
            "pub-app/interaction/",
            #"{"tsdbField":"sentry_app_component_interacted","componentType":"issue-link"}"#, as: user)

        #expect([views.status, component.status] == [201, 201])
        #expect(views.text == "{}")
        #expect(
            fixture.interactions.increments.map(\.key) == [
                .viewed(appID: 11), .componentInteracted(appSlug: "pub-app", componentType: "issue-link"),
            ])
        #expect(fixture.interactions.increments.allSatisfy { $0.time == HandlersFixture.now })
    }

    @Test(arguments: [
        ("tsdbField=x&tsdbField=sentry_app_viewed", "application/x-www-form-urlencoded"),
        ("tsdbField=sentry%5Fapp_viewed", "Application/X-WWW-Form-Urlencoded; charset=utf-8"),
        (#" {"tsdbField":"x","tsdbField":"sentry_app_viewed"} "#, "application/json;charset=utf-8"),
        (
            "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"tsdbField\"\r\n\r\nsentry_app_viewed\r\n--b--\r\n",
            "multipart/form-data; boundary=b"
        ),
        (
            "--b c\r\ncontent-disposition: form-data; name=tsdbField\r\n\r\nsentry_app_viewed\r\n--b c--",
            #"multipart/form-data; boundary="b c""#
        ),
    ])
    func bodiesComeInThreeKinds(_ body: String, _ contentType: String) {
        let fixture = HandlersFixture()

        #expect(fixture.post(path, body, contentType: contentType).status == 201)
        #expect(fixture.interactions.increments.map(\.key) == [.viewed(appID: 10)])
    }

    @Test(arguments: ["text/plain", "", "application/jsonx", "text/json; charset=utf-8"])
    func otherKindsOfBodiesAreRefused(_ contentType: String) {
        let response = HandlersFixture().post(path, #"{"tsdbField":"sentry_app_viewed"}"#, contentType: contentType)

        #expect(response.status == 415)
        #expect(response.detail == "Unsupported media type \"\(contentType)\" in request.")
    }

    @Test(arguments: [
        ("{bad", "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("x", "JSON parse error - Expecting value: line 1 column 1 (char 0)"),
        ("{\n\"é\" 1}", "JSON parse error - Expecting ':' delimiter: line 2 column 5 (char 6)"),
    ])
    func malformedJSONIsNamed(_ body: String, _ detail: String) {
        let response = HandlersFixture().post(path, body)

        #expect(response.status == 400)
        #expect(response.detail == detail)
    }

    @Test(arguments: [
        ("x", "multipart/form-data", "Multipart form parse error - Invalid boundary in multipart: None"),
        ("x", "multipart/form-data; boundary=b", "Multipart form parse error - No part begins with the boundary"),
        ("--b\r\nA: b", "multipart/form-data; boundary=b", "Multipart form parse error - A part does not end"),
    ])
    func malformedMultipartIsNamed(_ body: String, _ contentType: String, _ detail: String) {
        let response = HandlersFixture().post(path, body, contentType: contentType)

        #expect(response.status == 400)
        #expect(response.detail == detail)
    }

    @Test func filesAndNamelessPartsArePassedOver() {
        let body =
            "--b\r\nContent-Disposition: form-data; name=\"tsdbField\"; filename=\"f\"\r\n\r\nsentry_app_viewed\r\n"
            + "--b\r\n\r\nsentry_app_viewed\r\n--b--"

        #expect(HandlersFixture().post(path, body, contentType: "multipart/form-data; boundary=b").status == 400)
    }
}
