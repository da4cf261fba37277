import Directory
import Foundation
import Model
import Queue
import TestSupport
import Testing

@testable import CLI

/// What the commands write, and where.
@Suite struct OutputTests {
    /// U+009B, U+007F and U+202E, as bytes of UTF-8.
    private static let dangerous = ["\u{9B}", "\u{7F}", "\u{202E}"]

    /// `hookline` with redirections of the shell.
    private func run(_ command: String, _ runner: CommandRunner) throws -> (
        status: ChildProcess.ExitStatus, error: String
    ) {
        let outcome = try ChildProcess.run(
            ["/bin/sh", "-c", "exec \"$0\" \(command)", try BuiltProducts.path("hookline")],
            environment: [
                "HOOKLINE_DIRECTORY": "sqlite:\(runner.path)",
                "HOOKLINE_REDIS": runner.redis?.url ?? "unix:/nonexistent",
            ])
        return (outcome.status, outcome.error)
    }

    @Test(arguments: [[], ["--json"]])
    func noCommandWritesControlOrBidirectionalCharactersOfOthers(json: [String]) throws {
        let fixture = try CommandFixture(url: "https://example.com/\u{202E}hook")
        let data = #"{"t": "\u009b31mX\u202e\u007f"}"#
        let id = try fixture.runner.hookline(
            ["event", "send", CommandFixture.installation, "issue.created", "--data", data]
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let queue = try fixture.queue()
        for delivery in try queue.receive(consumer: "test", count: 1) {
            _ = try queue.deadLetter(delivery, reason: "\u{9B}31m\u{202E}", at: .now())
        }

        let commands = [
            ["event", "show", id, "--app", "radar"] + json, ["queue", "inspect", id], ["queue", "list"] + json,
            ["app", "show", "radar"] + json, ["why", "radar", "issue.created"] + json, ["directory", "export"],
        ]
        for command in commands {
            let outcome = try fixture.runner.hookline(command)

            #expect(!outcome.output.isEmpty, "\(command): \(outcome.error)")
            for character in Self.dangerous {
                #expect(!(outcome.output + outcome.error).unicodeScalars.contains(character.unicodeScalars.first!))
            }
            if command[1] == "show" || command[1] == "inspect" || command[0] == "why" {
                #expect(outcome.output.contains("\\u202e"), "\(command)")
            }
        }
        let shown = try fixture.runner.hookline(["queue", "inspect", id])
        let value = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
        let payload = (value?["payload"] as? [String: Any])?["data"] as? [String: String]
        #expect(payload?["t"]?.unicodeScalars.elementsEqual("\u{9B}31mX\u{202E}\u{7F}".unicodeScalars) == true)
    }

    @Test func errorsOfAnImportQuoteNoControlCharactersAndEachTakesOneLine() throws {
        let runner = try CommandRunner()

        let outcome = try runner.importDocument(
            #"{"organizations": [{"id": 1, "slug": "a\nb\u009b\u202e", "na\nme": 1}], "apps": 1}"#)
        let argument = try runner.hookline("app", "show", "x\u{9B}\u{202E}")

        #expect(outcome.status == 65)
        #expect(outcome.error.split(separator: "\n").count == 5)
        #expect(outcome.error.contains(#"a\u000ab\u009b\u202e"#))
        for character in Self.dangerous {
            #expect(!(outcome.error + argument.error).unicodeScalars.contains(character.unicodeScalars.first!))
        }
    }

    @Test(arguments: ["queue status >&-", "queue status >/dev/full", "app show --help >/dev/full", "--help >&-"])
    func anOutputThatCannotBeWrittenIsAnErrorAndNotWrittenElsewhere(command: String) throws {
        let runner = try CommandRunner(redis: try RedisServer())

        let outcome = try run(command, runner)

        #expect(outcome.status == .exited(73), "\(outcome.error)")
        #expect(outcome.error.contains("cannot write the result"))
    }

    /// Nobody is to make the change once more because of the status.
    @Test(arguments: [
        "organization create globex", "user add carol --email carol@acme.example", "token create --user alice",
        "token revoke 1 --json", "app create --organization acme --name New", "app set radar --timeout-ms 900",
        "app set radar --name 'Radar 2'", "app rotate-secret radar", "app disable radar --reason x",
        "app signing-key create radar", "app delete inside", "member remove alice --organization acme --force",
        "installation create --app radar --organization acme",
    ])
    func aChangeWhoseResultCannotBeWrittenIsSaidToBeMade(command: String) throws {
        let runner = try CommandRunner(store: .sqlite)
        try runner.importDocument(smallDocument)
        let before = try runner.directory.document()

        let outcome = try run(command + " >/dev/full", runner)

        #expect(outcome.status == .exited(73), "\(outcome.error)")
        #expect(
            outcome.error.contains("the change was made, but this program cannot write the result: No space left"),
            "\(outcome.error)")
        #expect(try runner.directory.document() != before)
    }

    /// The same of changes in Redis.
    @Test(arguments: [
        "redelivery create --app radar --since 1h",
        "log add radar --event issue.created --code 200 --url https://radar.example/hook",
    ])
    func aChangeInRedisWhoseResultCannotBeWrittenIsSaidToBeMade(command: String) throws {
        let runner = try CommandRunner(redis: try RedisServer())
        try runner.importDocument(smallDocument)

        let outcome = try run(command + " >/dev/full", runner)

        #expect(outcome.status == .exited(73), "\(outcome.error)")
        #expect(outcome.error.contains("the change was made, but this program cannot write"), "\(outcome.error)")
    }

    @Test func closedInputIsAnErrorAndAClosedErrorStreamIsNoConnection() throws {
        let runner = try CommandRunner(redis: try RedisServer())

        let input = try run("directory import - <&-", runner)
        let error = try run("queue status <&- 2>&-", runner)
        let failed = try run("app show nobody <&- >&- 2>&-", runner)

        #expect(input.status == .exited(66))
        #expect(input.error.contains("cannot read standard input"))
        #expect(error.status == .exited(0))
        #expect(failed.status == .exited(69))
    }
}
