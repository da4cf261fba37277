import Foundation
import TestSupport
import Testing

/// The commands of docs/first-webhook.md, as the page has them.
@Suite struct FirstWebhookTests {
    private static let root = #filePath.components(separatedBy: "/Tests/")[0]

    /// The commands of the page's first block, some of them on two lines, with a free port in place of the documented one.
    private static func commands(port: UInt16) throws -> [String] {
        let page = try String(contentsOfFile: root + "/docs/first-webhook.md", encoding: .utf8)
        let block = try #require(page.components(separatedBy: "```sh\n").dropFirst().first)
        let text = try #require(block.components(separatedBy: "```").first)
        let commands = text.replacingOccurrences(of: "\\\n", with: "").split(separator: "\n").map(String.init)
        #expect(commands.count { $0.contains("9000") } == 2)
        return commands.map { $0.replacingOccurrences(of: "9000", with: String(port)) }
    }

    /// A folder that has what the commands need of the folder of the sources.
    private static func sources() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let files = FileManager.default
        let products = URL(fileURLWithPath: try BuiltProducts.path("hookline")).deletingLastPathComponent().path
        try files.createDirectory(atPath: folder.file(".build"), withIntermediateDirectories: false)
        try files.createSymbolicLink(atPath: folder.file(".build/release"), withDestinationPath: products)
        try files.createSymbolicLink(atPath: folder.file("scripts"), withDestinationPath: root + "/scripts")
        return folder
    }

    private static func run(
        _ commands: [String], in folder: TemporaryDirectory, redis: RedisServer
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        let script = ["set -eu", "cd '\(folder.path)'"] + commands
        return try ChildProcess.run(
            ["/bin/bash", "-c", script.joined(separator: "\n")],
            environment: ["PATH": "/usr/bin:/bin", "HOOKLINE_SETTINGS_FILE": "none", "HOOKLINE_REDIS": redis.url])
    }

    @Test func theDocumentedCommandsLeadToAVerifiedWebhook() throws {
        let (folder, redis) = (try Self.sources(), try RedisServer())
        let commands = try Self.commands(port: try freePort())
        #expect(commands.count <= 8)

        let (status, output, error) = try Self.run(commands, in: folder, redis: redis)

        #expect(status == .exited(0), "\(error)")
        #expect(output.contains("Received issue "), "\(output)\n\(error)")
        #expect(output.contains(": the signature is verified.\n"), "\(output)")
        let log = try #require(output.split(separator: "\n").last)
        #expect(log.contains("issue.created") && log.contains("200"), "\(output)")
        let app = try GoldenValue(parsing: try String(contentsOfFile: folder.file("radar.json"), encoding: .utf8))
        let secret = try #require(app["client_secret"].string)
        #expect(!output.contains(secret) && !error.contains(secret))
    }

    /// So that the page's "verified" means something.
    @Test func aReceiverWithAnotherSecretRefusesTheWebhook() throws {
        let (folder, redis) = (try Self.sources(), try RedisServer())
        var commands = try Self.commands(port: try freePort())
        let receiver = try #require(commands.firstIndex { $0.hasPrefix("scripts/") })
        let other = String(repeating: "0", count: 64)
        commands.insert(#"echo '{"client_secret": "\#(other)"}' >radar.json"#, at: receiver)

        let (status, output, error) = try Self.run(commands, in: folder, redis: redis)

        #expect(status == .exited(0), "\(error)")
        #expect(output.contains(": the signature does not match.\n"), "\(output)\n\(error)")
        #expect(output.split(separator: "\n").last?.contains("401") == true, "\(output)")
    }
}
