import Buffer
import Foundation
import Queue
import TestSupport
import Testing

/// The examples of `docs/events-api.md`, run as they stand there.
@Suite(.serialized)
struct EventsDocumentTests {
    /// The indented blocks of the document that begin with `curl`, each with the block behind it.
    private func examples() throws -> [(command: String, answer: String)] {
        let text = try String(contentsOfFile: ServerFixture.repositoryPath("docs/events-api.md"), encoding: .utf8)
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

    /// Gives the sample app what it takes to be sent events of the project.
    private func subscribe(_ site: ServerFixture) throws {
        let change = try site.directory.write(
            """
            {"apps": [{"id": 1, "slug": "sample-app", "name": "Sample", "owner_id": 1, "status": "published",
                       "webhook_url": "https://hook.example.test/in", "events": ["issue"]}],
             "service_hooks": [{"id": 1, "installation_id": 1, "organization_id": 1, "url": "x",
                                "events": ["issue.created"], "project_ids": [5]}]}
            """, to: "change.json")
        let (status, _, error) = try ChildProcess.run([
            BuiltProducts.path("hookline"), "directory", "import", "--directory",
            "sqlite:\(site.directory.file("directory.sqlite"))", change,
        ])
        guard status == .exited(0) else { throw TestSupportError(error) }
    }

    @Test func everyExampleIsAnsweredAsItSays() throws {
        let site = try ServerFixture()
        try site.keepPayload()
        try subscribe(site)
        let examples = try examples()
        #expect(examples.count == 4)

        for example in examples {
            let run = try ChildProcess.run([
                "env", "HOOKLINE=https://127.0.0.1:\(site.port)", "CURL_CA_BUNDLE=\(site.certificatePath)",
                "INSTALLATION=\(ServerFixture.installation)", "APP=sample-app", "REQUEST=\(ServerFixture.kept)",
                "TOKEN=\(ServerFixture.writerToken)", "bash", "-c", example.command,
            ])

            let answer = try GoldenValue(parsing: Array(run.output.utf8))
            let expected = try GoldenValue(parsing: Array(example.answer.utf8))
            #expect(run.status == .exited(0), "\(run.error)")
            #expect(answer.members.map(\.key) == expected.members.map(\.key), "\(run.output)")
            #expect(answer["id"].string?.utf8.count == expected["id"].string?.utf8.count)
            #expect(expected["id"].isNull || expected["id"].string?.utf8.count == 32)
            #expect(answer["wouldBeDelivered"].isNull == expected["wouldBeDelivered"].isNull)
        }
        #expect(try site.queue().statistics().waiting == 3)
    }
}
