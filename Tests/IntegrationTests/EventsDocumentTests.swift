import Buffer
import Foundation
import TestSupport
import Testing

/// The examples of `docs/events-api.md`, run as they stand there.
@Suite(.serialized)
struct EventsDocumentTests {
    /// The indented blocks of the document that begin with `curl`, each with the block behind it.
    private func examples() throws -> [(command: String, answer: String)] {
        let text = try String(contentsOfFile: Site.repositoryPath("docs/events-api.md"), encoding: .utf8)
        var blocks: [[Substring]] = [[]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("    ") {
                blocks[blocks.count - 1].append(line.dropFirst(4))
            } else if blocks.last?.isEmpty == false {
                blocks.append([])
            }
        }
        let joined = blocks.map { $0.joined(separator: "\n") }
        return zip(joined, joined.dropFirst()).filter { $0.0.hasPrefix("curl ") }.map { ($0.0, $0.1) }
    }

    @Test func everyExampleIsAnsweredAsItSays() throws {
        let site = try Site()
        try site.keepPayload()
        let examples = try examples()
        #expect(examples.count == 2)

        for example in examples {
            let run = try ChildProcess.run([
                "env", "HOOKLINE=https://127.0.0.1:\(site.port)", "CURL_CA_BUNDLE=\(site.certificatePath)",
                "INSTALLATION=\(Site.installation)", "APP=sample-app", "REQUEST=\(Site.kept)",
                "TOKEN=\(Site.writerToken)", "bash", "-c", example.command,
            ])

            let answer = try GoldenValue(parsing: Array(run.output.utf8))
            let expected = try GoldenValue(parsing: Array(example.answer.utf8))
            #expect(run.status == .exited(0), "\(run.error)")
            #expect(answer.members.map(\.key) == expected.members.map(\.key), "\(run.output)")
            #expect(answer["id"].string?.utf8.count == 32)
        }
        #expect(try site.queue().statistics().waiting == 2)
    }
}
