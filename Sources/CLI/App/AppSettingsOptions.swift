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

    /// The change that the options ask for, without what is wrong, and that; no message contains a value of a header.
    ///
    /// - Throws: when a file cannot be read.
    func read(
        removing removedHeaders: [String] = []
    ) throws(CommandFailure) -> (change: SettingsChange, problems: [DocumentProblem]) {
        var (change, problems) = (SettingsChange(removedHeaders: removedHeaders), [DocumentProblem]())
        if let policy { change.policy = Self.policy(policy, &problems) }
        if let timeout { change.timeout = Self.timeout(timeout, &problems) }
        for text in header { change.headers += Self.header(text, "header", &problems) }
        guard let headersFile else { return (change, problems) }
        for line in try InputFile.headerLines(headersFile) {
            change.headers += Self.header(line.text, "", source: "\(line.source): ", &problems)
        }
        return (change, problems)
    }

    /// Stands for no value of the app's own.
    private static let none = "default"

    private static func policy(_ text: String, _ problems: inout [DocumentProblem]) -> DeliveryPolicy.Name? {
        if text == none { return nil }
        if let name = DeliveryPolicy.Name(rawValue: text) { return name }
        let names = DeliveryPolicy.Name.allCases.map(\.rawValue) + [none]
        problems.append(
            DocumentProblem(path: "policy", message: "\"\(text)\" is not one of \(names.joined(separator: ", "))"))
        return nil
    }

    private static func timeout(_ text: String, _ problems: inout [DocumentProblem]) -> Int? {
        if text == none { return nil }
        let range = AppSettings.timeoutRange
        if text.utf8.allSatisfy({ (48...57).contains($0) }), let milliseconds = Int(text), range.contains(milliseconds)
        {
            return milliseconds
        }
        let values = "a number from \(range.lowerBound) to \(range.upperBound), or \(none)"
        problems.append(DocumentProblem(path: "timeoutMs", message: "\"\(text)\" is not \(values)"))
        return nil
    }

    /// The header; empty, and a problem, where it is none.
    private static func header(
        _ text: String, _ path: String, source: String = "", _ problems: inout [DocumentProblem]
    ) -> [SentryApp.CustomHeader] {
        let header = SentryApp.CustomHeader(splitting: text)
        let problem = header.map { $0.problem?.description } ?? "must be a name, a colon and a value"
        guard let header, problem == nil else {
            problems.append(DocumentProblem(path: path, message: source + (problem ?? "")))
            return []
        }
        return [header]
    }
}

extension InputFile {
    /// The lines with something in them of the file of headers at `path`, each with its place for messages.
    static func headerLines(_ path: String) throws(CommandFailure) -> [(text: String, source: String)] {
        try text(path, byteLimit: 1 << 16).split(omittingEmptySubsequences: false, whereSeparator: isLineEnd)
            .enumerated().filter { !$0.element.allSatisfy(\.isWhitespace) }
            .map { (String($0.element), "\(name(path)) line \($0.offset + 1)") }
    }

    /// Not every character that Unicode calls a line break, some of which a value may have.
    private static func isLineEnd(_ character: Character) -> Bool { ["\n", "\r\n", "\r"].contains(character) }
}
