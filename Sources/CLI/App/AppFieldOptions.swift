import ArgumentParser
import Management
import Model
import WireJSON

/// The fields of an app that the original's tables have, by the rules of the management API.
struct AppFieldOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where webhooks are sent; '' for none.", valueName: "url"))
    var webhookURL: String?

    @Option(
        help: ArgumentHelp(
            "An event such as issue.created, or a resource such as issue; repeat for several, '' for none.",
            valueName: "event"))
    var event: [String] = []

    @Option(help: ArgumentHelp("A permission of the app; repeat for several, '' for none.", valueName: "scope"))
    var scope: [String] = []

    @Option(
        help: ArgumentHelp(
            "An origin whose pages may use the app's tokens; repeat for several, '' for none.", valueName: "origin"))
    var allowedOrigin: [String] = []

    @Option(help: ArgumentHelp("A page after an installation; '' for none.", valueName: "url"))
    var redirectURL: String?

    @Option(help: "Who makes the app; '' for nobody.")
    var author: String?

    @Option(help: "A text about the app; '' for none.")
    var overview: String?

    @Option(
        help: ArgumentHelp("A JSON file with the UI schema; - reads standard input.", valueName: "file"),
        completion: .file())
    var schema: String?

    @Option(
        help: "published (every organization can install the app) or unpublished.",
        completion: .list([SentryApp.Status.unpublished.name, SentryApp.Status.published.name]))
    var status: String?

    @Flag(inversion: .prefixedNo, help: "Whether alert rules can call the app.")
    var alertable: Bool?

    @Flag(inversion: .prefixedNo, help: "Whether the app confirms its installations.")
    var verifyInstall: Bool?

    /// Whether none is given.
    var isEmpty: Bool {
        [webhookURL, redirectURL, author, overview, schema, status].allSatisfy { $0 == nil }
            && [event, scope, allowedOrigin].allSatisfy(\.isEmpty) && alertable == nil && verifyInstall == nil
    }

    /// The fields that are given, as in a request.
    func members() throws(CommandFailure) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue?) {
            if let value { members.append(.init(name: name, value: value)) }
        }
        add("webhookUrl", webhookURL.map(JSONValue.string))
        add("events", Self.list(event))
        add("scopes", Self.list(scope))
        add("allowedOrigins", Self.list(allowedOrigin))
        add("redirectUrl", redirectURL.map(JSONValue.string))
        add("author", author.map(JSONValue.string))
        add("overview", overview.map(JSONValue.string))
        add("schema", try schema.map(Self.document))
        add("status", status.map(JSONValue.string))
        add("isAlertable", alertable.map(JSONValue.bool))
        add("verifyInstall", verifyInstall.map(JSONValue.bool))
        return members
    }

    /// Nil for an option that is not given; one empty value stands for none.
    private static func list(_ values: [String]) -> JSONValue? {
        guard !values.isEmpty else { return nil }
        return .array(values == [""] ? [] : values.map(JSONValue.string))
    }

    private static func document(_ path: String) throws(CommandFailure) -> JSONValue {
        let limit = 2 * AppRules.maximumSchemaByteCount
        let bytes = try InputFile.read(path, byteLimit: limit)
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: bytes, limits: JSONValue.Limits(maximumByteCount: limit))
        } catch {
            throw CommandFailure(.data, "--schema: \(InputFile.name(path)) is not JSON: \(error)")
        }
    }
}
