import Directory
import Foundation
import Model
import TestSupport
import Testing

@testable import CLI

@Suite struct DirectoryCommandTests {
    @Test func aDocumentIsImportedFromStandardInputAndFromAFileAndCanBeLookedUp() throws {
        let someone = try Operator()
        let file = try someone.folder.write(smallDocument, to: "small.json")

        let first = try someone.importDocument(smallDocument)
        let second = try someone.hookline("directory", "import", file)

        #expect(first.status == 0, "\(first.error)")
        #expect(
            first.output
                == "Imported 1 organization, 2 users, 1 membership, 2 apps, 1 token into \(someone.path).\n")
        #expect(second.output == first.output)
        #expect(try someone.directory.app(slug: "radar")?.webhookURL == "https://example.com/hook")
        #expect(try someone.directory.token(digest: TokenDigest(hashing: "in clear"))?.userID == 1)
    }

    @Test(arguments: [false, true])
    func importingTwiceChangesNoByteOfTheExport(replacing: Bool) throws {
        let someone = try Operator()
        try someone.importDocument(smallDocument)
        let before = try someone.hookline("directory", "export").output

        try someone.importDocument(smallDocument, replacing: replacing)

        #expect(try someone.hookline("directory", "export").output == before)
    }

    @Test func anExportHoldsNoTokenInClearAndImportingItElsewhereGivesTheSameExport() throws {
        let someone = try Operator()
        let other = try Operator()
        try someone.importDocument(smallDocument)
        try other.importDocument(#"{"organizations": [{"id": 9, "slug": "acme"}]}"#)

        let exported = try someone.hookline("directory", "export").output
        let imported = try other.importDocument(exported, replacing: true)

        #expect(imported.status == 0, "\(imported.error)")
        #expect(try other.hookline("directory", "export").output == exported)
        #expect(!exported.contains("in clear"))
        #expect(exported.contains(TokenDigest(hashing: "in clear").rawValue))
    }

    @Test(arguments: ["101", "102", "103"])
    func theGoldenDirectoriesAreImportedAsTheyAre(name: String) throws {
        let someone = try Operator()
        let golden = try Golden(name: name)
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: golden.path)))
                as? [String: Any])
        let json = try JSONSerialization.data(withJSONObject: try #require(document["directory"]))

        let imported = try someone.importDocument(String(decoding: json, as: UTF8.self))
        let exported = try someone.hookline("directory", "export").output
        try someone.importDocument(exported, replacing: true)

        #expect(imported.status == 0, "\(imported.error)")
        #expect(try someone.hookline("directory", "export").output == exported)
        for user in golden.directory["users"].elements {
            let email = try #require(user["email"].string)
            #expect(try someone.directory.user(login: email)?.name == user["name"].string)
        }
        for app in golden.directory["apps"].elements {
            let slug = try #require(app["slug"].string)
            let found = try #require(try someone.directory.app(slug: slug))
            #expect(found.clientSecret.exposed == app["client_secret"].string)
            #expect(found.status.name == app["status"].string)
            #expect(
                try someone.directory.components(appID: found.id).map(\.type)
                    == app["components"].elements.compactMap(\.string))
        }
        for token in golden.directory["tokens"].elements {
            let digest = TokenDigest(hashing: try #require(token["token"].string))
            let found = try #require(try someone.directory.token(digest: digest))
            #expect(Set(found.scopes.scopes.map(\.rawValue)) == Set(token["scopes"].elements.compactMap(\.string)))
        }
    }

    @Test func aWrongDocumentNamesFileAndPlacesAndWritesNothing() throws {
        let someone = try Operator()
        let file = try someone.folder.write(
            #"{"organizations": [{"id": 1, "slug": "a", "nmae": 1}], "apps": [{"status": "publishd"}]}"#,
            to: "wrong.json")

        let outcome = try someone.hookline("directory", "import", file)

        #expect(outcome.status == 65)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.hasPrefix("hookline: \(file) was not imported, it has 5 problems:\n"))
        #expect(outcome.error.contains("  organizations[0].nmae: unknown field\n"))
        #expect(outcome.error.contains("  apps[0].status: \"publishd\" is not one of unpublished, published, "))
        #expect(outcome.error.hasSuffix("Nothing was written.\n"))
        #expect(!FileManager.default.fileExists(atPath: someone.path))
    }

    @Test func aReferenceThatLeadsNowhereIsAProblemWithStatus65() throws {
        let someone = try Operator()

        let outcome = try someone.importDocument(
            #"{"organizations": [{"id": 1, "slug": "a"}], "projects": [{"id": 1, "slug": "p", "organization_id": 2}]}"#)

        #expect(outcome.status == 65)
        #expect(
            outcome.error.contains("it has 1 problem:\n  projects[0].organization_id: there is no organization 2\n"))
        #expect(try someone.directory.organization(id: 1) == nil)
    }

    @Test func whatIsNotJSONIsRefusedWithLineAndColumn() throws {
        let someone = try Operator()

        let outcome = try someone.importDocument("{\n  \"users\": [}\n")

        #expect(outcome.status == 65)
        #expect(outcome.error.contains("standard input is not JSON"))
        #expect(outcome.error.contains("line 2"))
    }

    @Test func eachKindOfFailureHasItsExitStatus() throws {
        let someone = try Operator()
        let bad = someone.folder.file("no/such/folder/x.sqlite")

        #expect(try someone.hookline("directory", "import").status == 64)
        #expect(try someone.hookline("directory", "imprt").status == 64)
        #expect(try someone.hookline("directory", "import", "/no/such/file").status == 66)
        #expect(try someone.hookline("directory", "export").status == 69)
        #expect(try someone.hookline("directory", "migrate", "--directory", "sqlite:\(bad)").status == 69)
        #expect(try someone.hookline("directory", "export", "--directory", "postgres:x").status == 78)
        let wrong = try someone.hookline("directory", "export", environment: ["HOOKLINE_DIRECTORY": "x"])
        #expect(wrong.status == 78)
        #expect(wrong.error.hasPrefix("hookline: HOOKLINE_DIRECTORY: \"x\" is not a directory"))
    }

    @Test func anExportThatCannotBeWrittenWholeFails() throws {
        let someone = try Operator()
        try someone.importDocument(smallDocument)

        let outcome = try ChildProcess.run(
            [
                "/bin/sh", "-c", "exec \"$0\" directory export --directory \"$1\" > /dev/full",
                try BuiltProducts.path("hookline"), "sqlite:\(someone.path)",
            ])

        #expect(outcome.status == .exited(73))
        #expect(outcome.error.contains("cannot write the result: No space left on device"))
    }

    @Test func migratingMakesTheFileAndAgainDoesNothing() throws {
        let someone = try Operator()

        #expect(try someone.hookline("directory", "migrate").status == 0)
        #expect(try someone.hookline("directory", "migrate").output == "\(someone.path) is up to date.\n")
        try someone.directory.check()
    }

    @Test func readersInThreadsAreNeverDisturbedByImportsOfAnotherProcessAndSeeAllOrNothingOfEach() throws {
        let someone = try Operator()
        func document(_ version: Int) -> String {
            """
            {"organizations": [{"id": 1, "slug": "acme", "name": "v\(version)"}],
             "apps": [{"id": 1, "slug": "radar-\(version % 2)", "name": "v\(version)", "owner_id": 1}]}
            """
        }
        try someone.importDocument(document(0))
        let directory = SQLiteDirectory(path: someone.path, limits: .init(connectionCount: 4, waitMilliseconds: 20_000))
        let readers = Readers(directory: directory, count: 4)

        readers.start()
        for version in 1...6 {
            let outcome = try someone.importDocument(document(version), replacing: version % 3 == 0)
            #expect(outcome.status == 0, "\(outcome.error)")
        }
        try waitUntil("readers have seen the last import") { readers.lastName == "v6" }
        let report = readers.stop()

        #expect(report.errors == [])
        #expect(report.readCount > 100)
        #expect(report.contradictions == [])
    }
}
