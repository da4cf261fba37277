import Foundation
import TestSupport
import Testing

/// The commands of docs/management-api.md, as the page has them, in its order.
@Suite struct ManagementExampleTests {
    private static let root = #filePath.components(separatedBy: "/Tests/")[0]

    private static let document = """
        {"organizations": [{"id": 1, "slug": "acme"}],
         "users": [{"id": 1, "username": "alice@acme.example", "email": "alice@acme.example"}],
         "memberships": [{"user_id": 1, "organization_id": 1, "role": "owner"}]}
        """

    /// The page's indented lines, without the indentation.
    private static func lines() throws -> [String] {
        try String(contentsOfFile: root + "/docs/management-api.md", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : "" }
    }

    /// Each from `curl` to the next one, or to the end of the indented block.
    private static func commands() throws -> [String] {
        var commands: [String] = []
        var isInside = false
        for line in try lines() {
            if line.hasPrefix("curl ") {
                commands.append(line)
                isInside = true
            } else if line.isEmpty {
                isInside = false
            } else if isInside {
                commands[commands.count - 1] += "\n" + line
            }
        }
        return commands
    }

    private static func run(
        _ script: String, in folder: TemporaryDirectory, _ environment: [String: String]
    ) throws -> String {
        let script = "set -eu\ncd '\(folder.path)'\ncurl() { command curl --fail-with-body \"$@\"; }\n" + script
        let (status, output, error) = try ChildProcess.run(["/bin/bash", "-c", script], environment: environment)
        guard status == .exited(0) else { throw TestSupportError("\(script)\n\(output)\n\(error)") }
        return output
    }

    @Test func eachCommandSucceeds() throws {
        let server = try ServerFixture(document: Self.document, logins: [])
        let folder = try TemporaryDirectory()
        let products = URL(fileURLWithPath: try BuiltProducts.path("hookline")).deletingLastPathComponent().path
        var environment = [
            "PATH": "\(products):/usr/bin:/bin", "HOOKLINE_SETTINGS_FILE": "none",
            "HOOKLINE": "https://127.0.0.1:\(server.port)", "CURL_CA_BUNDLE": server.certificatePath,
            "HOOKLINE_DIRECTORY": server.directorySetting,
        ]
        let making = try Self.lines().filter { $0.hasPrefix("TOKEN=") || $0.hasPrefix("ADMIN=") }
        #expect(making.count == 2)
        let tokens = try Self.run(
            (making + [#"printf '%s\n' "$TOKEN" "$ADMIN""#]).joined(separator: "\n"), in: folder, environment
        ).split(separator: "\n").map(String.init)
        try #require(tokens.count == 2)
        (environment["TOKEN"], environment["ADMIN"]) = (tokens[0], tokens[1])

        let commands = try Self.commands()
        #expect(commands.count >= 8)
        var responses: [String] = []
        for command in commands {
            let response = try Self.run(command, in: folder, environment)
            if let uuid = try? GoldenValue(parsing: response)["uuid"].string { environment["INSTALLATION"] = uuid }
            responses.append(response)
        }

        #expect(responses.contains { $0.contains(#""standardWebhooksSecret":"whsec_"#) })
        let backup = try String(contentsOfFile: folder.file("backup.json"), encoding: .utf8)
        #expect(backup.contains("status-board"))
    }
}
