import ArgumentParser
import Buffer
import Directory
import Management
import Model
import WebhookRules
import WireJSON

/// The fields of a target.
struct RelayTargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the webhooks are delivered.", valueName: "url"))
    var target: String

    @Option(
        help: ArgumentHelp(
            "The target's name among those of the app. (default: \(RelayTargetOptions.firstName), for its first)",
            valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "An event such as issue.created, or a resource such as issue, that the target gets; repeat for several. "
                + "(default: all)", valueName: "event"))
    var event: [String] = []

    @Option(
        help: ArgumentHelp(
            "What the body must have, such as data.issue.project.slug=web; repeat for several, all of which must hold. "
                + "The value is JSON, or else text.", valueName: "path=value"))
    var condition: [String] = []

    @Option(
        name: .customLong("timeout-ms"),
        help: ArgumentHelp(
            "The timeout of a webhook in milliseconds. (default: that of the app)", valueName: "milliseconds"))
    var timeout: Int?

    @Option(help: ArgumentHelp("A header of each webhook; repeat for several.", valueName: "Name: value"))
    var header: [String] = []

    @Option(
        help: ArgumentHelp("A file with such headers, one a line; - reads standard input.", valueName: "file"),
        completion: .file())
    var headersFile: String?

    /// The name of an app's first target.
    static let firstName = "default"

    /// The target that the options describe.
    ///
    /// - Throws: `data` with all that is wrong; no message contains the value of a header.
    func read(_ rule: WebhookURLRule) throws(CommandFailure) -> RelayTarget {
        let headers = try headers()
        let (conditions, problems) = conditions()
        let events = event.filter { !Self.isEvent($0) }.map {
            "--event: \"\($0)\" is neither an event such as issue.created nor a resource such as issue"
        }
        var members: [JSONValue.Member] = [
            .init(name: "name", value: .string(name ?? Self.firstName)), .init(name: "url", value: .string(target)),
            .init(name: "events", value: .array(event.filter(Self.isEvent).map(JSONValue.string))),
            .init(name: "conditions", value: .object(conditions)),
            .init(name: "headers", value: .array(headers.map { .string($0.text) })),
        ]
        if let timeout { members.append(.init(name: "timeout_ms", value: .integer(timeout))) }
        var messages = events + problems
        do throws(ManagementRefusal) {
            let target = try RelayTarget(reading: .object(members), rule: rule)
            if messages.isEmpty { return target }
        } catch {
            guard case .fields(let problems) = error else { throw CommandFailure(error) }
            messages += problems.map { Self.message($0, headers) }
        }
        throw CommandFailure(.data, messages.joined(separator: "\n"))
    }

    private static func isEvent(_ name: String) -> Bool { SeenEvents.isName(name.contains(".") ? name : "\(name).x") }

    private func conditions() -> (conditions: [JSONValue.Member], problems: [String]) {
        var (conditions, problems) = ([JSONValue.Member](), [String]())
        for text in condition {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count < 2 {
                problems.append("--condition: \"\(text)\" is not a path, = and a value")
            } else if conditions.contains(where: { $0.name == parts[0] }) {
                problems.append("--condition: \(parts[0]) is named twice")
            } else {
                conditions.append(.init(name: parts[0], value: Self.scalar(parts[1])))
            }
        }
        return (conditions, problems)
    }

    private static func scalar(_ text: String) -> JSONValue {
        switch try? JSONValue(parsing: text) {
        case .array, .object, nil: .string(text)
        case let value?: value
        }
    }

    private func headers() throws(CommandFailure) -> [(text: String, source: String)] {
        let lines = try headersFile.map { (path) throws(CommandFailure) in try InputFile.headerLines(path) } ?? []
        return header.map { ($0, "--header") } + lines
    }

    private static func message(_ problem: DocumentProblem, _ headers: [(text: String, source: String)]) -> String {
        let name = problem.path.prefix { $0 != "." && $0 != "[" }
        let source =
            switch name {
            case "url": "--target"
            case "events": "--event"
            case "conditions":
                "--condition" + (problem.path == name ? "" : ": \(problem.path.dropFirst("conditions.".count))")
            case "timeout_ms": "--timeout-ms"
            case "headers":
                Int(problem.path.dropFirst("headers[".count).prefix { $0 != "]" }).map { headers[$0].source }
                    ?? "--header"
            default: "--\(name)"
            }
        return "\(source): \(problem.message)"
    }
}
