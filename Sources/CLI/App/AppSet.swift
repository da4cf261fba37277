import ArgumentParser
import Directory
import Management
import Model
import WireJSON

/// `hookline app set`
struct AppSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change an app: its fields, delivery policy, timeout and headers.",
        discussion: """
            What no option names stays. The rules are those of the management API (docs/management-api.md). The audit \
            log of the owning organization gets an entry. The service hooks of installations follow --webhook-url and \
            --event. Running workers use the new values within about one second.

            Beside a Sentry only --policy, --timeout-ms and the options for headers work: they are in tables of \
            Hookline's own.

            The values of headers can be seen in the list of processes while the command runs; --headers-file hides \
            them.

            Examples:
              hookline app set release-radar --webhook-url https://new.acme.example/hook --event issue --event error
              hookline app set release-radar --timeout-ms 3000 --header 'X-Tenant: acme'
              hookline app set release-radar --policy default --timeout-ms default --remove-header X-Tenant
            """)

    @OptionGroup var app: AppArgument

    @Option(help: "The app's name, at most \(AppRules.maximumNameLength) characters.")
    var name: String?

    @OptionGroup var fields: AppFieldOptions
    @OptionGroup var settings: AppSettingsOptions

    @Option(help: ArgumentHelp("A header to remove; repeat for several.", valueName: "name"))
    var removeHeader: [String] = []

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func validate() throws {
        guard name != nil || !fields.isEmpty || !settings.isEmpty || !removeHeader.isEmpty else {
            throw ValidationError("give at least one option, such as --webhook-url, --event, --policy or --header")
        }
    }

    func run() throws {
        let (change, problems) = try settings.read(removing: removeHeader)
        let isOfHookline = name == nil && fields.isEmpty
        let changes = try isOfHookline ? changeSettings(change, problems) : changeFields(change, problems)
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "changes", value: .array(changes.map(JSONValue.string))),
            ]),
            text: changes.isEmpty
                ? "\(app.slug) has these settings already.\n"
                : "Changed \(app.slug): \(changes.joined(separator: ", ")).\n",
            of: changes.isEmpty ? .reading : .change)
    }

    /// What Hookline keeps in every directory.
    private func changeSettings(
        _ change: SettingsChange, _ problems: [DocumentProblem]
    ) throws(CommandFailure) -> [String] {
        guard problems.isEmpty else { throw CommandFailure(ManagementRefusal.fields(problems)) }
        try reportingRefusals { () throws(SettingsRefusal) in try change.check() }
        return try options.changeSettings(of: app.slug, event: AuditEntry.appSettingsChanged) {
            (settings) throws(SettingsRefusal) in try change.apply(to: &settings)
        }
    }

    /// Fields that beside an original only the original changes, and the settings with them.
    private func changeFields(
        _ change: SettingsChange, _ problems: [DocumentProblem]
    ) throws(CommandFailure) -> [String] {
        let directory = try options.manager()
        let app = try options.app(slug: app.slug)
        let (rules, now) = (try options.appRules(in: app.ownerID), Timestamp.now())
        var members = try fields.members()
        if let name { members.append(.init(name: "name", value: .string(name))) }
        let given = members
        return try directory.change(at: now) { (rows) throws(ManagementRefusal) in
            let fields = try AppFields(.object(given), isNew: false)
            for problem in problems { fields.report(problem.path, problem.message) }
            return try AppChanges(rows, rules: rules, author: .currentOperator, at: now)
                .update(appID: app.id, fields, settings: change).changes
        }
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
        case .secret, .headers, .targets: throw CommandFailure(.data, error.message)
        case .removedHeader: throw CommandFailure(.data, "--remove-header: \(error.message)")
        }
    }
}
