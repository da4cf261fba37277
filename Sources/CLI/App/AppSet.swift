import ArgumentParser
import Directory
import Management
import Model
import WebhookRules

/// `hookline app set`
struct AppSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change the settings of an app that Hookline keeps: delivery policy, timeout, headers.",
        discussion: """
            Works with every directory, beside a Sentry, too: the settings are in tables of Hookline's own there. \
            Other settings stay. The audit log of the owning organization gets an entry. Running workers use the new \
            settings within about one second.

            The values of headers can be seen in the list of processes while the command runs; --headers-file hides \
            them.

            Examples:
              hookline app set release-radar --policy standard
              hookline app set release-radar --timeout-ms 3000 --header 'X-Tenant: acme'
              hookline app set release-radar --policy default --timeout-ms default --remove-header X-Tenant
            """)

    @OptionGroup var app: AppArgument

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

    @Option(help: ArgumentHelp("A header to remove; repeat for several.", valueName: "name"))
    var removeHeader: [String] = []

    @OptionGroup var options: DirectoryOptions

    func validate() throws {
        guard policy != nil || timeout != nil || headersFile != nil || !(header + removeHeader).isEmpty else {
            throw ValidationError(
                "give at least one of --policy, --timeout-ms, --header, --headers-file and --remove-header")
        }
    }

    func run() throws {
        let change = SettingsChange(
            policy: try policy.map(Self.policy), timeout: try timeout.map(Self.timeout),
            headers: try headers(), removedHeaders: removeHeader)
        try reportingRefusals { () throws(SettingsRefusal) in try change.check() }
        let changes = try options.changeSettings(of: app.slug, event: AuditEntry.appSettingsChanged) {
            (settings) throws(SettingsRefusal) in try change.apply(to: &settings)
        }
        try StandardStreams.writeResult(
            changes.isEmpty
                ? "\(app.slug) has these settings already.\n"
                : "Changed \(app.slug): \(changes.joined(separator: ", ")).\n")
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

extension DirectoryOptions {
    /// Changes the settings of an app, with an entry in the audit log.
    ///
    /// - Parameter change: changes the settings and returns what it has changed; empty = nothing is written.
    func changeSettings(
        of slug: String, event: Int, at now: Timestamp = .now(),
        _ change: (inout AppSettings) throws(SettingsRefusal) -> [String]
    ) throws(CommandFailure) -> [String] {
        let app = try app(slug: slug)
        let directory = try reader()
        var outcome = Result<[String], CommandFailure>.success([])
        let isThere = try reportingDirectoryErrors(
            try directory.changeSettings(ofApp: app.id, at: now) { settings in
                outcome = Result { () throws(CommandFailure) in
                    try reportingRefusals { () throws(SettingsRefusal) in try change(&settings) }
                }
                guard case .success(let changes) = outcome, !changes.isEmpty else { return nil }
                return AuditEntry.Draft(
                    event: event, by: OperatorName.current(), on: app, changes: changes, at: now)
            })
        guard isThere else { throw CommandFailure(.data, "no such app: \(slug)") }
        return try outcome.get()
    }
}

/// Runs `body` and turns a refused change into a failure of the command.
private func reportingRefusals<Result>(
    _ body: () throws(SettingsRefusal) -> Result
) throws(CommandFailure) -> Result {
    do throws(SettingsRefusal) {
        return try body()
    } catch {
        switch error.subject {
        case .secret, .headers: throw CommandFailure(.data, error.message)
        case .removedHeader: throw CommandFailure(.data, "--remove-header: \(error.message)")
        }
    }
}
