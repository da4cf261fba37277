import TestSupport
import Testing

/// Commands beside responders that run.
@Suite(.serialized)
struct ManagementCommandTests {
    private static func hookline(
        _ arguments: String..., fixture: ManagementFixture
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        try ChildProcess.run(
            [try BuiltProducts.path("hookline")] + arguments,
            environment: ["HOOKLINE_DIRECTORY": fixture.server.directorySetting, "PATH": "/usr/bin:/bin"])
    }

    @Test(arguments: ManagementStore.allCases)
    func tokensAndPasswordsOfADisabledUserAreRefusedUntilItIsEnabled(store: ManagementStore) throws {
        let fixture = try ManagementFixture(store)
        let path = "organizations/acme/sentry-app-installations/"
        func statuses() throws -> [Int] {
            [
                try fixture.send("GET", path, as: .writeToken).status,
                try fixture.send("GET", path, as: .manager).status,
            ]
        }
        #expect(try statuses() == [200, 200])

        let disabled = try Self.hookline("user", "disable", "manager@acme.test", fixture: fixture)

        #expect(disabled.status == .exited(0), "\(disabled.error)")
        // Until the responder's cached row expires.
        try waitUntil("the user is refused", seconds: 30) { try statuses() == [401, 401] }
        #expect(try Self.hookline("user", "enable", "manager@acme.test", fixture: fixture).status == .exited(0))
        try waitUntil("the user is accepted again", seconds: 30) { try statuses() == [200, 200] }
    }

    /// The fields of a request, the options that say the same, and the option that is refused.
    @Test(
        arguments: [
            (#""webhookUrl":"http://127.0.0.1/""#, ["--webhook-url", "http://127.0.0.1/"], "--webhook-url"),
            (#""webhookUrl":"ftp://example.com/""#, ["--webhook-url", "ftp://example.com/"], "--webhook-url"),
            (
                #""events":["nothing"],"webhookUrl":"https://example.com/""#,
                ["--event", "nothing", "--webhook-url", "https://example.com/"], "--event"
            ),
            (#""events":["issue"]"#, ["--event", "issue"], "--webhook-url"),
            (#""slug":"public""#, ["--slug", "public"], "--slug"), (#""slug":"a b""#, ["--slug", "a b"], "--slug"),
            (#""status":"done""#, ["--status", "done"], "--status"),
            (#""redirectUrl":"example""#, ["--redirect-url", "example"], "--redirect-url"),
        ] as [(String, [String], String)])
    func aCommandRefusesWhatTheAPIRefusesInTheSameWords(
        fields: String, options: [String], option: String
    ) throws {
        let fixture = try ManagementFixture()

        let response = try fixture.send(
            "POST", "sentry-apps/", #"{"organization":"acme","name":"New",\#(fields)}"#, as: .superuser)
        let command = try ChildProcess.run(
            [try BuiltProducts.path("hookline"), "app", "create", "--organization", "acme", "--name", "New"] + options,
            environment: ["HOOKLINE_DIRECTORY": fixture.server.directorySetting, "PATH": "/usr/bin:/bin"])

        #expect(response.status == 400, "\(response.text)")
        #expect(command.status == .exited(65), "\(command.error)")
        let field = try #require(fields.split(separator: "\"").first).description
        let name = option == "--webhook-url" ? "webhookUrl" : field
        let message = try #require(response.json?[name].elements.first?.string, "\(response.text)")
        #expect(command.error == "hookline: \(option): \(message)\n")
    }
}
