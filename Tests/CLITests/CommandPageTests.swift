import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import CLI

/// docs/command-line.md and the completions have every command.
@Suite struct CommandPageTests {
    /// The names of the commands that do something and are for operators, with what `--help` says of them.
    private static func commands(
        _ type: any ParsableCommand.Type = Hookline.self, behind path: [String] = []
    ) -> [(name: String, abstract: String)] {
        let configuration = type.configuration
        let path = path + [configuration.commandName ?? ""]
        guard !configuration.subcommands.isEmpty else {
            return [(path.joined(separator: " "), configuration.abstract)]
        }
        return configuration.subcommands.filter { $0.configuration.shouldDisplay }.flatMap {
            commands($0, behind: path)
        }
    }

    @Test func thePageSaysOfEachCommandWhatItsHelpSays() throws {
        let root = #filePath.components(separatedBy: "/Tests/")[0]
        let page = try String(contentsOfFile: root + "/docs/command-line.md", encoding: .utf8)
        let rows = page.split(separator: "\n").map(String.init).filter { $0.hasPrefix("| `hookline ") }

        #expect(rows == Self.commands().map { "| `\($0.name)` | \($0.abstract) |" })
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func theCompletionsHaveEachCommandAndItsValues(shell: String) throws {
        let (status, script, _) = try ChildProcess.run([
            BuiltProducts.path("hookline"), "--generate-completion-script", shell,
        ])

        #expect(status == .exited(0))
        for name in Self.commands().map(\.name) {
            for word in name.split(separator: " ") { #expect(script.contains(word), "\(word)") }
        }
        for words in ["member admin manager owner", "pending installed", "unpublished published"] {
            for word in words.split(separator: " ") { #expect(script.contains(word), "\(word)") }
        }
    }
}
