import Foundation
import Handlers
import Model
import TestSupport
import Testing

/// The facts about releases in `Tests/TestSupport/Golden/releases`, each in the releases around its differences.
@Suite struct ReleaseFactTests {
    @Test(arguments: try GoldenFact.all())
    func everyReleaseRespondsAsTheFactSays(_ fact: GoldenFact) throws {
        let directory = try MemoryDirectory(golden: GoldenFact.directory())
        let users = try GoldenFact.directory()["users"].elements
        let superusers = Set(users.filter { $0["superuser_active"].bool == true }.compactMap { $0["email"].string })
        let now = try #require(fact.scenario.now.flatMap { Timestamp(parsing: $0) })
        let counter = MemoryInteractionCounter(golden: fact.scenario, directory: directory)
        for release in try fact.releases() {
            let service = Service(
                dependencies: Dependencies(
                    directory: directory, requestLog: MemoryRequestLog(golden: fact.scenario.redis),
                    interactions: counter, queue: MemoryEventQueue(), payloads: MemoryPayloads(),
                    protocolSettings: settings(fact, release), clock: .frozen(at: now)))
            for query in fact.queries {
                let response = service.respond(to: request(query, superusers))

                let expected = try GoldenFact.expectation(of: query, in: release)
                let who = query["token"].string ?? query["user"].string ?? "nobody"
                let what =
                    "\(release): \(query["method"].string ?? "") \(query["path"].string ?? "")"
                    + "?\(query["query"].string ?? "") as \(who)"
                let differences = differences(of: response, from: expected)
                #expect(differences.isEmpty, "\(what): \(differences.joined(separator: "; "))")
            }
        }
    }

    @Test(arguments: try GoldenFact.all())
    func everyDifferenceOfAFactIsInTheTableOfChanges(_ fact: GoldenFact) throws {
        let section = try #require(fact.section)
        let page = try String(contentsOf: Self.protocolPage, encoding: .utf8)
        let number = fact.name.dropFirst("fact".count).prefix { $0.isNumber }

        for release in try GoldenFact.firstReleases(of: fact.queries) where release != ProtocolRelease.default {
            let isKnown = ProtocolChange.allCases.contains { $0.row.first == release }
            #expect(isKnown, "\(release)")
        }
        // The facts by number, and what they are about.
        #expect(page.contains("\n| \(number) | "))
        #expect(page.contains("\n### \(section) ") || page.contains("\n## \(section) "))
    }

    private static let protocolPage = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/protocol.md")

    private func settings(_ fact: GoldenFact, _ release: ProtocolRelease) -> ProtocolSettings {
        let settings = fact.content["settings"]
        return ProtocolSettings(
            .release(release), keepsRequestsRoute: settings["legacyRequests"].bool == true,
            refusesDisabledApps: settings["disabledEnforcement"].bool == true)
    }

    private func request(_ query: GoldenValue, _ superusers: Set<String>) -> Request {
        let user = query["user"].string
        return Request(
            method: query["method"].string ?? "GET", path: .encoded(query["path"].string ?? ""),
            query: query["query"].string ?? "", remoteUser: user,
            allowsSuperuser: user.map(superusers.contains) ?? false,
            authorization: query["token"].string.map { "Bearer " + $0 }, secFetchSite: "same-origin")
    }

    /// What is not as expected, in words.
    private func differences(of response: Response, from expected: GoldenValue) -> [String] {
        var differences: [String] = []
        if response.status != expected["status"].integer.map({ Int($0) }) {
            differences.append("status \(response.status): \(response.text.prefix(200))")
        }
        if let body = expected["body"].string, response.text != body {
            differences.append("body \(response.text.prefix(300))")
        }
        for header in expected["headers"].members where response.header(header.key) != header.value.string {
            differences.append("\(header.key): \(response.header(header.key) ?? "none")")
        }
        for member in expected["members"].members
        where response.json?[member.key].canonical != member.value.canonical || !response.has(member.key) {
            differences.append("\(member.key) is \(response.json?[member.key].text ?? "absent")")
        }
        for name in expected["absent"].elements.compactMap(\.string) where response.has(name) {
            differences.append("there is \(name)")
        }
        if case .array(let dates) = expected["dates"], response.json?.elements.map({ $0["date"] }) != dates {
            differences.append("rows \(response.text.prefix(300))")
        }
        return differences
    }
}

extension Response {
    fileprivate func has(_ member: String) -> Bool { json?.members.contains { $0.key == member } == true }
}
