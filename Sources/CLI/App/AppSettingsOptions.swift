import ArgumentParser
import Directory
import Management
import Model
import WebhookRules

/// The settings of an app that Hookline keeps.
struct AppSettingsOptions: ParsableArguments {
    @Option(
        help: "sentry, standard, or default for that of HOOKLINE_POLICY.",
        completion: .list(DeliveryPolicy.Name.allCases.map(\.rawValue) + [none]))
    var policy: String?

    @Option(
        name: .customLong("timeout-ms"),
        help: ArgumentHelp("The timeout of a webhook in milliseconds, or default.", valueName: "milliseconds"))
    var timeout: String?

    @Option(help: ArgumentHelp("A header to add, or to replace by name; repeat for several.", valueName: "Name: value"))
    var header: [String] = []

    @Option(
        help: ArgumentHelp("A file with such headers, one a line; - reads standard input.", valueName: "file"),
        completion: .file())
    var headersFile: String?

    /// Whether none is given.
    var isEmpty: Bool { policy == nil && timeout == nil && headersFile == nil && header.isEmpty }

    /// The change that the options ask for.
    func change(removing removedHeaders: [String] = []) throws(CommandFailure) -> SettingsChange {
        SettingsChange(
            policy: try policy.map(Self.policy), timeout: try timeout.map(Self.timeout), headers: try headers(),
            removedHeaders: removedHeaders)
    }

    /// Stands for no value of the app's own.
    private static let none = "default"

    private static func policy(_ text: String) throws(CommandFailure) -> DeliveryPolicy.Name? {
        if text == none { return nil }
        if let name = DeliveryPolicy.Name(rawValue: text) { return name }
        let names = DeliveryPolicy.Name.allCases.map(\.rawValue) + [none]
        throw CommandFailure(.data, "--policy: \"\(text)\" is not one of \(names.joined(separator: ", "))")
    }

    private static func timeout(_ text: String) throws(CommandFailure) -> Int? {
        if text == none { return nil }
        let range = AppSettings.timeoutRange
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let milliseconds = Int(text),
            range.contains(milliseconds)
        else {
            throw CommandFailure(
                .data,
                "--timeout-ms: \"\(text)\" is not a number from \(range.lowerBound) to \(range.upperBound), or "
                    + none)
        }
        return milliseconds
    }

    /// No message contains a value.
    private func headers() throws(CommandFailure) -> [SentryApp.CustomHeader] {
        var headers: [SentryApp.CustomHeader] = []
        for text in header { headers.append(try Self.header(text, source: "--header")) }
        guard let headersFile else { return headers }
        let text = try InputFile.text(headersFile, byteLimit: 1 << 16)
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: Self.isLineEnd).enumerated()
        where !line.allSatisfy(\.isWhitespace) {
            headers.append(
                try Self.header(String(line), source: "\(InputFile.name(headersFile)) line \(index + 1)"))
        }
        return headers
    }

    /// Not every character that Unicode calls a line break, some of which a value may have.
    private static func isLineEnd(_ character: Character) -> Bool { ["\n", "\r\n", "\r"].contains(character) }

    private static func header(_ text: String, source: String) throws(CommandFailure) -> SentryApp.CustomHeader {
        guard let header = SentryApp.CustomHeader(splitting: text) else {
            throw CommandFailure(.data, "\(source): must be a name, a colon and a value")
        }
        if let problem = header.problem { throw CommandFailure(.data, "\(source): \(problem)") }
        return header
    }
}
