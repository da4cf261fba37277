import Model
import TestSupport
import Testing

@testable import Buffer

/// Writes that the original made are repeated byte for byte.
@Suite
struct GoldenWriteTests {
    @Test(arguments: try Golden.all())
    func aCasesWritesLeadToTheSameLists(golden: Golden) throws {
        let server = try RedisServer()
        let buffer = WebhookRequestBuffer(connection: try server.connection())
        let golden00 = try #require(golden.cases.first { $0.name == "00-writes" })
        let events = try #require(EventCatalogue(setting: "23.7"))

        for write in golden00.writes {
            let record = try WebhookRequestRecord(golden: write, in: golden)
            let outcome = try buffer.record(record)
            #expect((outcome == .stored) == events.contains(record.event))
        }

        #expect(!golden00.redis.isEmpty)
        for key in golden00.redis {
            let values = try server.list(key.key)
            #expect(values == key.value["values"].elements.compactMap(\.string), "\(key.key)")
            let ttl = try server.integer("TTL", key.key)
            let expected = try #require(key.value["ttl"].integer)
            #expect((expected - 60...expected).contains(Int64(ttl)))
        }
        let count = try server.integer("DBSIZE")
        // And a key of Hookline's own.
        #expect(try server.integer("EXISTS", LastTimes.attemptsKey) == 1)
        #expect(count == golden00.redis.count + 1)
    }

    @Test(arguments: try Golden.cases(ofKind: "webhook"))
    func rowsOfTheOriginalsSenderAreReproduced(golden: Golden.Case) throws {
        let server = try RedisServer()
        let buffer = WebhookRequestBuffer(connection: try server.connection())

        for item in golden.content["items"].elements {
            try server.command("FLUSHALL")
            let expected = item["expect"]["redis"].members
            let record = try WebhookRequestRecord(goldenItem: item, golden: Golden(name: golden.file))
            let outcome = try buffer.record(record)

            #expect(outcome == (expected.isEmpty ? .unknownEvent : .stored))
            for key in expected {
                let values = try server.list(key.key)
                #expect(values == key.value["values"].elements.compactMap(\.string), "\(key.key)")
            }
        }
    }
}

extension WebhookRequestRecord {
    /// The record behind one of a case's `writes`.
    init(golden write: GoldenValue, in golden: Golden) throws {
        let app = golden.app(slug: write["app"].string ?? "")
        let response = write["response"]
        self.init(
            date: try #require(Timestamp(parsing: write["now"].string ?? "")),
            event: EventType(rawValue: try #require(write["event"].string)),
            appID: try #require(app["id"].integer),
            responseCode: Int(try #require(write["response_code"].integer)),
            webhookURL: try #require(write["url"].string),
            requestHeaders: write["headers"].members.map { ($0.key, $0.value.string ?? "") },
            responseBody: response["content"].string.map { Array($0.utf8) },
            requestBody: response["request"].bool == true ? response["request_body"].string : nil,
            organizationID: app["status"].string == "internal" ? nil : write["org_id"].integer,
            errorID: write["error_id"].string, projectID: ProjectReference(golden: write["project_id"]))
    }

    /// The record of one of a `webhook` case's `items`.
    init(goldenItem item: GoldenValue, golden: Golden) throws {
        let app = golden.app(slug: item["app"].string ?? "")
        let outcome = item["outcome"]
        let resource = try #require(item["resource"].string)
        let action = try #require(item["action"].string)
        self.init(
            date: try #require(Timestamp(parsing: item["now"].string ?? "")),
            event: EventType(rawValue: "\(resource).\(action)"), appID: try #require(app["id"].integer),
            responseCode: Int(outcome["status"].integer ?? 0),
            webhookURL: try #require(item["expect"]["url"].string),
            requestHeaders: item["expect"]["headers"].members.map { ($0.key, $0.value.string ?? "") },
            responseBody: outcome["content"].string.map { Array($0.utf8) },
            requestBody: item["expect"]["body"].string,
            organizationID: app["status"].string == "internal" ? nil : item["organization_id"].integer,
            errorID: outcome["headers"]["Sentry-Hook-Error"].string,
            projectID: ProjectReference(golden: outcome["headers"]["Sentry-Hook-Project"]))
    }
}

extension WebhookRequestRecord.ProjectReference {
    init?(golden value: GoldenValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .number(let text): self = .number(Int64(text) ?? 0)
        default: return nil
        }
    }
}

/// Bodies as they are stored.
@Suite
struct StoredBodyTests {
    @Test(arguments: [
        (#"{"a": 1}"#, #""{\"a\": 1}""#), ("Bad Request", "Bad Request"), ("", ""), ("NaN", #""NaN""#),
        ("-Infinity", #""-Infinity""#), ("\u{FEFF}[1]", #""\ufeff[1]""#), (" \u{FEFF} 1\n", #"" \ufeff 1\n""#),
        ("\"\u{E9}\u{1F600}\"", #""\"\u00e9\ud83d\ude00\"""#), ("\u{E9}", "\u{E9}"), ("{\"a\":1}x", "{\"a\":1}x"),
        ("\u{FEFF}", "\u{FEFF}"),
    ])
    func aBodyThatIsJSONBecomesAJSONStringOthersAreKept(body: String, expected: String) {
        #expect(StoredBody.response(Array(body.utf8)) == expected)
    }

    @Test func theFirst1024CharactersOfTheEncodedTextAreKeptSoThatALongOneHasNoClosingQuote() {
        let fitting = StoredBody.response(Array(("\"" + String(repeating: "x", count: 1018) + "\"").utf8))
        let longer = StoredBody.response(Array(("\"" + String(repeating: "x", count: 1019) + "\"").utf8))

        #expect(fitting.utf8.count == 1024 && fitting.hasSuffix(#"x\"""#))
        #expect(longer.utf8.count == 1024 && longer.hasSuffix(#"x\""#))
        #expect(StoredBody.request(String(repeating: "\u{1F600}", count: 5000)).utf8.count == 1024)
    }

    @Test func theFirst1024BytesOfAnyOtherBodyAreKept() {
        #expect(StoredBody.response(Array(repeating: UInt8(ascii: "x"), count: 1024)).utf8.count == 1024)
        #expect(StoredBody.response(Array(repeating: UInt8(ascii: "x"), count: 1025)).utf8.count == 1024)
    }

    @Test func invalidUTF8BecomesReplacementCharacters() {
        let cut = Array((String(repeating: "x", count: 1023) + "\u{E9}").utf8)

        #expect(StoredBody.response([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
        #expect(StoredBody.response(cut) == String(repeating: "x", count: 1023) + "\u{FFFD}")
        #expect(StoredBody.response([0x22, 0xFF, 0x22]) == "\"\u{FFFD}\"")
    }
}
