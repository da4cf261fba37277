import Foundation
import TestSupport
import Testing

/// The commands of docs/first-webhook.md, as the page has them.
@Suite struct FirstWebhookTests {
    private static let root = #filePath.components(separatedBy: "/Tests/")[0]

    private static let documentedRedis = "redis://127.0.0.1/9"

    /// The commands of the page's first block, some of them on several lines, with a free port and another Redis in
    /// place of the documented ones.
    private static func commands(port: UInt16, redis: RedisServer) throws -> [String] {
        let page = try String(contentsOfFile: root + "/docs/first-webhook.md", encoding: .utf8)
        let block = try #require(page.components(separatedBy: "```sh\n").dropFirst().first)
        let text = try #require(block.components(separatedBy: "```").first)
        let commands = text.replacingOccurrences(of: "\\\n", with: "").split(separator: "\n").map(String.init)
        #expect(commands.count { $0.contains("9000") } == 2)
        #expect(commands.first?.contains(documentedRedis) == true)
        return commands.map {
            $0.replacingOccurrences(of: "9000", with: String(port))
                .replacingOccurrences(of: documentedRedis, with: "'\(redis.url)?db=9'")
        }
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

    /// The temporary folders that the commands make are in `TMPDIR`, another folder.
    private static func run(
        _ commands: [String], in folder: TemporaryDirectory, temporary: TemporaryDirectory
    ) throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        let script = ["set -eu", "cd '\(folder.path)'"] + commands
        return try ChildProcess.run(
            ["/bin/bash", "-c", script.joined(separator: "\n")],
            environment: ["PATH": "/usr/bin:/bin", "TMPDIR": temporary.path])
    }

    private static func names(in path: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: path))
    }

    @Test func theDocumentedCommandsLeadToAVerifiedWebhook() throws {
        let (folder, temporary, redis) = (try Self.sources(), try TemporaryDirectory(), try RedisServer())
        let commands = try Self.commands(port: try freePort(), redis: redis)
        #expect(commands.count <= 8)

        let (status, output, error) = try Self.run(commands, in: folder, temporary: temporary)

        #expect(status == .exited(0), "\(error)")
        #expect(output.contains("Received issue "), "\(output)\n\(error)")
        #expect(output.contains(": the signature is verified.\n"), "\(output)")
        let log = try #require(output.split(separator: "\n").last)
        #expect(log.contains("issue.created") && log.contains("200"), "\(output)")
        let made = try #require(try Self.names(in: temporary.path).first)
        let file = temporary.file("\(made)/radar.json")
        let app = try GoldenValue(parsing: try String(contentsOfFile: file, encoding: .utf8))
        let secret = try #require(app["client_secret"].string)
        #expect(!output.contains(secret) && !error.contains(secret))
        // Nobody else reads the secret, and no `git add` finds it.
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try Self.names(in: folder.path) == [".build", "scripts"])
        // Nothing is in the database that other deployments use.
        #expect(try redis.integer("DBSIZE") == 0)
    }

    /// So that the page's "verified" means something.
    @Test func aReceiverWithAnotherSecretRefusesTheWebhook() throws {
        let (folder, temporary, redis) = (try Self.sources(), try TemporaryDirectory(), try RedisServer())
        var commands = try Self.commands(port: try freePort(), redis: redis)
        let receiver = try #require(commands.firstIndex { $0.hasPrefix("webhook-receiver.py ") })
        let other = String(repeating: "0", count: 64)
        commands.insert(#"echo '{"client_secret": "\#(other)"}' >radar.json"#, at: receiver)

        let (status, output, error) = try Self.run(commands, in: folder, temporary: temporary)

        #expect(status == .exited(0), "\(error)")
        #expect(output.contains(": the signature does not match.\n"), "\(output)\n\(error)")
        #expect(output.split(separator: "\n").last?.contains("401") == true, "\(output)")
    }

    /// A health check of a proxy, or somebody who tries the port, does not end the receiver.
    @Test func aRequestWithoutASignatureDoesNotEndTheReceiver() throws {
        let (folder, temporary, redis) = (try Self.sources(), try TemporaryDirectory(), try RedisServer())
        let port = try freePort()
        var commands = try Self.commands(port: port, redis: redis)
        let next = try #require(commands.firstIndex { $0.hasPrefix("webhook-receiver.py ") }) + 1
        let post = "curl -s -o /dev/null -w 'stray %{http_code}\\n' -d '{}' http://127.0.0.1:\(port)/hook"
        // Another one connects and sends nothing.
        commands.insert(contentsOf: [post, "exec 3<>/dev/tcp/127.0.0.1/\(port); exec 3>&-"], at: next)

        let (status, output, error) = try Self.run(commands, in: folder, temporary: temporary)

        #expect(status == .exited(0), "\(error)")
        #expect(output.contains("stray 401\n"), "\(output)\n\(error)")
        #expect(output.contains(": the signature is verified.\n"), "\(output)\n\(error)")
    }

    @Test func aPortInUseIsOneClearLine() throws {
        let folder = try TemporaryDirectory()
        let app = try folder.write(#"{"client_secret": "secret"}"#, to: "radar.json")
        let arguments = [Self.root + "/scripts/webhook-receiver.py", app, String(try freePort())]
        let first = try ChildProcess.run(arguments)
        #expect(first.status == .exited(0), "\(first.error)")
        // The last word of what it prints: the process to end.
        let words = first.output.split { " \n".contains($0) }
        let process = try #require(words.last.flatMap { pid_t($0) })
        defer { kill(process, SIGTERM) }

        let second = try ChildProcess.run(arguments)

        #expect(second.status == .exited(1))
        #expect(second.output.isEmpty)
        let reason = "cannot listen on 127.0.0.1:\(arguments[2]): Address already in use"
        #expect(second.error == "webhook-receiver.py: \(reason)\n")
    }
}
