import Delivery
import Directory
import Management
import Model
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import CLI

/// A complete form of an element.
private let form = #"{"uri": "/x", "required_fields": [{"type": "text", "name": "n", "label": "L"}]}"#

/// Values that an import refuses, because a program could not use them as they are.
@Suite struct DirectoryRuleTests {
    private func problems(_ json: String) throws -> [String] {
        switch DirectoryDocumentReader.read(try JSONValue(parsing: json)) {
        case .success: []
        case .failure(let failure): failure.problems.map(\.description)
        }
    }

    private func problems(ofApp fields: String) throws -> [String] {
        try problems(#"{"apps": [{"id": 1, "slug": "s", "owner_id": 1, \#(fields)}]}"#)
    }

    private func quoted(_ text: String) -> String { JSONValue.string(text).compactText }

    // MARK: Slugs and tokens

    @Test(arguments: [
        ".", "..", "...", "a\u{1}b", "a%2fb", "%2e%2e", "a/b", "a b", "a\n", "ä", "a?b", "a#b", "a\\b", "a:b",
        String(repeating: "a", count: 129),
    ])
    func aSlugThatAPathCannotCarryIsRefusedWithTheRule(slug: String) throws {
        for table in ["organizations", "projects", "apps"] {
            let found = try problems(#"{"\#(table)": [{"id": 1, "slug": \#(quoted(slug)), "organization_id": 1}]}"#)

            #expect(found.contains("\(table)[0].slug: \"\(slug)\" \(Slug.rule)"))
        }
    }

    @Test(arguments: ["a", "acme", "Acme_2.eu-west", ".well-known", "7", String(repeating: "a", count: 128)])
    func otherSlugsAreAccepted(slug: String) throws {
        #expect(try problems(#"{"organizations": [{"id": 1, "slug": "\#(slug)"}]}"#) == [])
    }

    @Test(arguments: ["x", "0123456789abcde", "0123456789 abcdef", "0123456789abcdef\n", "0123456789abcdefü"])
    func aTokenThatCanBeGuessedOrNotBeSentIsRefusedWithoutShowingIt(token: String) throws {
        let found = try problems(#"{"tokens": [{"user_id": 1, "token": \#(quoted(token))}]}"#)

        #expect(found.count == 1)
        #expect(found[0].hasPrefix("tokens[0].token: must have at least 16 printable ASCII characters"))
        #expect(token.count < 2 || !found[0].contains(token))
        #expect(try problems(#"{"tokens": [{"user_id": 1, "token": "0123456789abcdef"}]}"#) == [])
    }

    // MARK: What delivery uses

    @Test(arguments: [
        " https://example.com/", "https://example.com/\n", "ftp://example.com/", "javascript:alert(1)", "hooks",
        "https://", "https:///in", "https://exa mple.com/", "https://user:pass@example.com:99999/", "http://[::1/",
        "https://example.com:99999/",
    ])
    func aURLThatDeliveryAlwaysRefusesIsRefusedWithTheSameWords(url: String) throws {
        let delivery = try #require(WebhookURL.problem(of: url))

        let found = try problems(ofApp: #""webhook_url": \#(quoted(url))"#)

        #expect(found == ["apps[0].webhook_url: \(delivery.reason)"])
        #expect(!found[0].contains("pass"))
    }

    @Test(arguments: ["https://bücher.example/in", "HTTP://127.0.0.1:8080/a?b#c", "https://[::1]/", ""])
    func otherURLsAreAccepted(url: String) throws {
        #expect(try problems(ofApp: #""webhook_url": \#(quoted(url))"#) == [])
    }

    @Test(arguments: ["whsec_", "whsec_QR==", "whsec_ab-_cd12", " s", "s\n", "s\u{FFFD}"])
    func aSecretThatCannotBeUsedAsWrittenIsRefusedWithoutShowingIt(secret: String) throws {
        let problem = try #require(SigningKey.problem(of: Secret(secret)))

        let found = try problems(ofApp: #""client_secret": \#(quoted(secret))"#)

        #expect(found == ["apps[0].client_secret: \(problem)"])
    }

    @Test(arguments: [
        "\"a b\"@x.example", "jörg@x.example", "a@[127.0.0.1]", "a@b@c", "nobody", "a@x..example",
        "a.@x.example", ".a@x.example", "a..b@x.example", "a@-x.example", "a@x-.example", "a@x.example.",
        String(repeating: "a", count: 65) + "@x.example", "a@\(String(repeating: "x", count: 64)).example",
    ])
    func anAddressThatMailCannotBeSentToIsRefused(email: String) throws {
        let found = try problems(#"{"users": [{"id": 1, "username": "a", "email": \#(quoted(email))}]}"#)

        #expect(found == ["users[0].email: \"\(email)\": \(MailAddress.rule)"])
    }

    @Test(arguments: [
        "a.b@x-y.example", "a+b_c@1.example", "a@localhost", String(repeating: "a", count: 64) + "@x.example",
        "a@\(String(repeating: "x", count: 63)).example",
    ])
    func otherAddressesAreAccepted(email: String) throws {
        #expect(try problems(#"{"users": [{"id": 1, "username": "a", "email": \#(quoted(email))}]}"#) == [])
    }

    @Test func anInternationalizedMailDomainIsAcceptedAndKeptAsWritten() throws {
        let value = try JSONValue(parsing: #"{"users": [{"id": 1, "email": "ann@bücher.example"}]}"#)

        #expect(try DirectoryDocumentReader.read(value).get().users[0].email == "ann@bücher.example")
    }

    // MARK: Elements of the user interface

    @Test(arguments: ["issue-link", "stacktrace-link", "issue-media", "alert-rule-action", "unknown"])
    func theElementOfAComponentWithoutASchemaIsComplete(type: String) throws {
        let value = try JSONValue(
            parsing:
                #"{"apps": [{"id": 1, "slug": "s", "owner_id": 1, "components": ["\#(type)", {"type": "\#(type)"}]}]}"#)
        let app = try DirectoryDocumentReader.read(value).get().apps[0]

        #expect(try problems(ofApp: #""schema": \#(app.app.schemaJSON)"#) == [])
        #expect(app.components[0].schemaJSON == app.components[1].schemaJSON)
        let element = try JSONValue(parsing: app.components[0].schemaJSON)
        guard type == "issue-link" else { return }
        for form in ["link", "create"] {
            guard case .array(let fields)? = element[form]?["required_fields"] else {
                throw TestSupportError("\(form) has no required_fields")
            }
            #expect(fields.allSatisfy { $0["type"] != nil && $0["name"] != nil && $0["label"] != nil })
        }
    }

    @Test func theDemosElementsAreComplete() throws {
        let demo = DemoDirectory(seed: 1, now: Timestamp(seconds: 1_700_000_000)) { String(repeating: "a", count: 64) }

        let json = try DirectoryDocumentWriter.json(demo.document)

        _ = try DirectoryDocumentReader.read(json).get()
        #expect(json.compactText.contains(#""type":"issue-link","link":{"uri":"#))
    }

    @Test(
        arguments: [
            (#"{"type": "issue-link"}"#, ["link: is required", "create: is required"]),
            (#"{"type": "issue-link", "link": [], "create": \#(form)}"#, ["link: must be an object, not an array"]),
            (
                #"{"type": "issue-link", "link": {}, "create": \#(form)}"#,
                ["link.uri: is required", "link.required_fields: is required"]
            ),
            (
                #"{"type": "issue-link", "create": \#(form), "link": {"uri": "/x", "required_fields": [{"name": 1}, 2]}}"#,
                [
                    "link.required_fields[0].type: is required",
                    "link.required_fields[0].name: must be a string, not a number",
                    "link.required_fields[0].label: is required",
                    "link.required_fields[1]: must be an object, not a number",
                ]
            ),
            (
                #"{"type": "stacktrace-link", "uri": "https://x.example/"}"#,
                ["uri: must begin with a slash: it is relative to the webhook URL's host"]
            ),
            (#"{"type": "stacktrace-link"}"#, ["uri: is required"]),
            (#"{"type": "issue-media"}"#, ["title: is required", "elements: is required"]),
            (
                #"{"type": "issue-media", "title": "t", "elements": [{"type": "image"}, {"type": "header", "text": ""}]}"#,
                ["elements[0].url: is required"]
            ),
            (#"{"type": "alert-rule-action"}"#, ["title: is required", "settings: is required"]),
            (
                #"{"type": "alert-rule-action", "title": "t", "settings": {"type": "alert-rule-settings"}}"#,
                ["settings.uri: is required", "settings.required_fields: is required"]
            ),
            (#"{"type": "alert-rule-action", "required_fields": []}"#, []),
            (#"{"type": "issue-link", "link": \#(form), "create": \#(form)}"#, []), (#"{"type": "new", "x": 1}"#, []),
            ("{}", ["type: is required"]),
        ] as [(String, [String])])
    func whatAnElementLacksIsNamed(element: String, expected: [String]) throws {
        let inSchema = try problems(ofApp: #""schema": {"elements": [\#(element)]}"#)

        #expect(inSchema == expected.map { "apps[0].schema.elements[0].\($0)" })
        guard let type = try JSONValue(parsing: element)["type"]?.string else { return }
        let inComponent = try problems(ofApp: #""components": [{"type": "\#(type)", "schema": \#(element)}]"#)
        #expect(inComponent == expected.map { "apps[0].components[0].schema.\($0)" })
    }

    @Test func elementsMustBeAListOfObjects() throws {
        #expect(
            try problems(ofApp: #""schema": {"elements": {}}"#)
                == ["apps[0].schema.elements: must be an array, not an object"])
        #expect(
            try problems(ofApp: #""schema": {"elements": ["issue-link"]}"#)
                == ["apps[0].schema.elements[0]: must be an object, not a string"])
    }
}
