import ArgumentParser
import Directory
import Management
import Model
import ProgramSupport
import WebhookRules
import WireJSON

/// `hookline relay add`
struct RelayAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a target to an app's relay, and make the app of an internal integration in Sentry.",
        discussion: """
            An app that does not exist is made from what an internal integration in Sentry has: its client secret. \
            It is owned by the organization relay, which is made where it is missing. --id is the integration's id in \
            Sentry; without it the app gets an id from 2^40 on, which no app of a Sentry on the same Redis has. An app \
            that exists gets another target, and keeps its secret. The audit log of the owning organization gets an \
            entry.

            A target with an address that is not public is refused unless HOOKLINE_ALLOWED_NETWORKS names it. The \
            values of headers can be seen in the list of processes while the command runs; --headers-file hides them.

            Beside a Sentry the app must exist; its targets are in a table of Hookline's own.

            Examples:
              hookline relay add ci --target https://ci.example/hook --secret-file secret --owner alice@acme.example
              hookline relay add ci --target https://chat.example/in --name chat --event issue \\
                --condition data.issue.project.slug=web
            """)

    @OptionGroup var app: AppArgument
    @OptionGroup var target: RelayTargetOptions

    @Flag(help: "Replace the target of the app that has this name.")
    var replace = false

    @Option(
        help: ArgumentHelp(
            "A file with the client secret of the integration in Sentry, for an app that is to be made; - reads "
                + "standard input.", valueName: "file"),
        completion: .file())
    var secretFile: String?

    @Option(help: ArgumentHelp("The integration's id in Sentry, for an app that is to be made.", valueName: "number"))
    var id: Int64?

    @Option(
        help: ArgumentHelp(
            "The mail address of a user, made where it is missing, who is to be an owner of the organization relay, "
                + "for an app that is to be made; repeat for several.", valueName: "mail"))
    var owner: [String] = []

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func validate() throws {
        guard secretFile != "-" || target.headersFile != "-" else {
            throw ValidationError("--secret-file and --headers-file cannot both read standard input")
        }
    }

    func run() throws {
        // A file without tables is one that another command is creating.
        let isReady = try options.exists() && options.hasTables()
        let directory = isReady ? try options.reader() : nil
        if let app = try reportingDirectoryErrors(try directory?.app(slug: app.slug)) {
            try addTarget(to: app)
        } else {
            try makeApp(isReady: isReady)
        }
    }

    // MARK: An app that exists

    private func addTarget(to app: SentryApp) throws {
        let given = [("--secret-file", secretFile != nil), ("--id", id != nil), ("--owner", !owner.isEmpty)]
            .filter(\.1).map(\.0)
        guard given.isEmpty else {
            throw CommandFailure(
                .data,
                "the app \(app.slug) exists already: leave out \(given.joined(separator: ", ")). 'hookline app "
                    + "rotate-secret' changes a secret, 'hookline member add' makes somebody an owner")
        }
        let target = try target.read(try options.appRules(in: app.ownerID).webhookURL)
        let change: RelayTargetChange = replace ? .set(target) : .add(target)
        let isNamed = self.target.name != nil
        let changes = try options.changeSettings(of: app.slug, event: AuditEntry.appSettingsChanged) {
            (settings) throws(SettingsRefusal) in
            let names = (RelayTargets(stored: settings.relayTargets)?.list ?? []).map(\.name)
            guard isNamed || names.isEmpty else {
                throw SettingsRefusal(
                    .targets, "--name is required: the app has \(names.joined(separator: ", ")) already")
            }
            do throws(SettingsRefusal) {
                return try change.apply(to: &settings)
            } catch {
                guard case .add(let target) = change, names.contains(target.name) else { throw error }
                throw SettingsRefusal(.targets, "\(error.message): give another --name, or --replace")
            }
        }
        if app.clientSecret.exposed.isEmpty {
            StandardStreams.error.write(
                "hookline: warning: \(app.slug) has no client secret: no signature of Sentry's is valid\n")
        }
        let done = changes.isEmpty ? "\(app.slug) has this target already." : "Changed \(app.slug): \(changes[0])."
        try report(
            RelayAddition(app: app, target: target, isNewApp: false, site: options.settings().site()), done,
            of: changes.isEmpty ? .reading : .change)
    }

    // MARK: A new app

    private func makeApp(isReady: Bool) throws {
        if isReady { try checkManagement() }
        guard let secretFile else {
            throw CommandFailure(
                .data, "no such app: \(app.slug). To make it, give the integration's client secret with --secret-file")
        }
        let integration = RelaySetup.Integration(
            slug: app.slug, clientSecret: try SecretFile.secret(secretFile), id: id,
            target: try target.read(
                WebhookURLRule(hosts: .ofWorker, addresses: try options.settings().addresses())), owners: owner)
        let exists = try options.exists()
        if !isReady { _ = try options.writer() }
        let (directory, now) = (try options.manager(), Timestamp.now())
        let outcome = try directory.change(at: now, arguments: ["app"]) { (rows) throws(ManagementRefusal) in
            do throws(ManagementRefusal) {
                return try RelaySetup(rows, hosts: .ofWorker, author: .currentOperator, at: now).create(integration)
            } catch {
                throw Self.named(error)
            }
        }
        if !exists { StandardStreams.error.write("Created the directory \(directory.name).\n") }
        try report(
            RelayAddition(
                app: outcome.app, target: integration.target, isNewApp: true, owners: outcome.owners,
                site: options.settings().site()),
            "Made the internal app \(outcome.app.slug) with the id \(outcome.app.id) in the organization "
                + "\(outcome.organization.slug).", of: .change)
    }

    /// Throws where apps are an original's.
    private func checkManagement() throws(CommandFailure) {
        let directory = try options.reader()
        guard let problem = try reportingDirectoryErrors(try directory.managementProblem()) else { return }
        var failure = CommandFailure(problem)
        if case .readOnlyTables = problem {
            failure.message += ". There is no app \(app.slug): make the integration in Sentry first"
        }
        throw failure
    }

    /// The refusal with the names of options in place of those of fields.
    private static func named(_ refusal: ManagementRefusal) -> ManagementRefusal {
        guard case .fields(let problems) = refusal else { return refusal }
        return .fields(
            problems.map { problem in
                let name =
                    switch problem.path {
                    case "slug": "app"
                    case "owners": "owner"
                    case "clientSecret": "secretFile"
                    default: problem.path
                    }
                return DocumentProblem(path: name, message: problem.message)
            })
    }

    private func report(_ addition: RelayAddition, _ done: String, of work: StandardStreams.Work) throws {
        try output.write(json: addition.json, text: "\(done)\n\n\(addition.lines)", of: work)
    }
}

extension CommandDeliverySettings {
    /// The address of Hookline's own site, without a slash at its end; nil where no setting has it.
    func site() -> String? {
        let text = try? read([.platformURL, .mailLinks]) { (reader) -> String? in
            reader.text(.mailLinks) == "dashboard" ? reader.text(.platformURL) : ""
        }
        guard let text, !text.isEmpty else { return nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
