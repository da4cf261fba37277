import ArgumentParser
import Directory
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
        try change.check()
        let changes = try options.changeSettings(of: app.slug, event: AuditEntry.appSettingsChanged) {
            (settings) throws(CommandFailure) in try change.apply(to: &settings)
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

/// What `hookline app set` changes.
struct SettingsChange {
    /// Nil = as it is; nil inside = none of the app's own.
    var policy: DeliveryPolicy.Name??
    var timeout: Int??
    var headers: [SentryApp.CustomHeader]
    var removedHeaders: [String]

    /// - Throws: `data` when a header is named twice, or what is to be removed is no name; no message
    ///   contains that, which may be a value.
    func check() throws(CommandFailure) {
        guard removedHeaders.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(SentryApp.CustomHeader.isTokenByte) })
        else {
            throw CommandFailure(.data, "--remove-header: give the header's name alone")
        }
        var names = Set<String>()
        for name in headers.map(\.name) + removedHeaders where !names.insert(name.lowercased()).inserted {
            throw CommandFailure(.data, "the header \(name) is named twice")
        }
    }

    /// - Returns: what it has changed, without values of headers.
    func apply(to settings: inout AppSettings) throws(CommandFailure) -> [String] {
        var changes: [String] = []
        if let policy, policy != settings.deliveryPolicy {
            settings.deliveryPolicy = policy
            changes.append("policy \(policy?.rawValue ?? "default")")
        }
        if let timeout, timeout != settings.webhookTimeoutMilliseconds {
            settings.webhookTimeoutMilliseconds = timeout
            changes.append("timeout \(timeout.map { "\($0) ms" } ?? "default")")
        }
        for name in removedHeaders {
            try remove(name, from: &settings)
            changes.append("without header \(name)")
        }
        for header in headers where set(header, in: &settings) { changes.append("header \(header.name)") }
        if let problem = SentryApp.CustomHeader.problem(ofAll: settings.headers) {
            throw CommandFailure(.data, "with these headers, the app \(problem)")
        }
        return changes
    }

    private func remove(_ name: String, from settings: inout AppSettings) throws(CommandFailure) {
        let isNamed = { (other: String) in other.lowercased() == name.lowercased() }
        guard let index = settings.headers.firstIndex(where: { isNamed($0.name) }) else {
            let isForeign = settings.foreignHeaderNames.contains(where: isNamed)
            throw CommandFailure(
                .data,
                "--remove-header: "
                    + (isForeign
                        ? "the header \(name) is Sentry's, and only Sentry removes it"
                        : "the app has no header \"\(name)\""))
        }
        settings.headers.remove(at: index)
    }

    /// Adds the header, or replaces one of the same name; false when it is there already.
    private func set(_ header: SentryApp.CustomHeader, in settings: inout AppSettings) -> Bool {
        guard let index = settings.headers.firstIndex(where: { $0.name.lowercased() == header.name.lowercased() })
        else {
            settings.headers.append(header)
            return true
        }
        guard settings.headers[index] != header else { return false }
        settings.headers[index] = header
        return true
    }
}

extension DirectoryOptions {
    /// Changes the settings of an app, with an entry in the audit log.
    ///
    /// - Parameter change: changes the settings and returns what it has changed; empty = nothing is written.
    func changeSettings(
        of slug: String, event: Int, at now: Timestamp = .now(),
        _ change: (inout AppSettings) throws(CommandFailure) -> [String]
    ) throws(CommandFailure) -> [String] {
        let app = try app(slug: slug)
        let directory = try reader()
        var outcome = Result<[String], CommandFailure>.success([])
        let isThere = try reportingDirectoryErrors(
            try directory.changeSettings(ofApp: app.id, at: now) { settings in
                outcome = Result { () throws(CommandFailure) in try change(&settings) }
                guard case .success(let changes) = outcome, !changes.isEmpty else { return nil }
                return AuditEntry.Draft(
                    event: event, by: OperatorName.current(), on: app, changes: changes, at: now)
            })
        guard isThere else { throw CommandFailure(.data, "no such app: \(slug)") }
        return try outcome.get()
    }
}
