import ArgumentParser
import Buffer
import Delivery
import Directory
import Model
import WebhookRules
import WireJSON

/// `hookline why`
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Show whether an app would get an event now, and if not, why.",
        discussion: """
            Checks each step of a delivery: installation, app, subscriptions, project, webhook URL, DNS, addresses, \
            connection, certificate; then the app's failure counts, the queue and the log. All problems are reported, \
            not only the first. The network is checked from this machine, with the worker's settings.

            Exit status: 0 it would be delivered, perhaps later: once a worker runs; 1 it would not, or the receiver \
            did not accept the test event; others as for every command.

            Examples:
              hookline why release-radar issue.created --organization acme
              hookline why release-radar error.created --installation 7a485448-a9e2-4c85-8a3c-4f44175783c9 --project web
              hookline why release-radar issue.created --organization acme --send-test
            """)

    @OptionGroup var app: AppArgument

    @Argument(help: "The event, such as issue.created.")
    var event: String

    @Option(help: "The installation's uuid. (default: the only one)")
    var installation: String?

    @Option(help: "The slug of the organization with the installation.")
    var organization: String?

    @OptionGroup var project: ProjectOption

    @Flag(help: "Send a test event, marked as such in its data, and wait for its first attempt.")
    var sendTest = false

    @Option(help: "How many seconds to wait for the test event.")
    var wait = 15

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: EventOptions

    func validate() throws {
        guard installation == nil || organization == nil else {
            throw ValidationError("give --installation or --organization, not both")
        }
        guard (0...600).contains(wait) else { throw ValidationError("--wait must be 0 to 600 seconds") }
    }

    func run() throws {
        let directory = try options.directoryOptions.reader()
        let target = try DiagnosisTarget.find(app: app.slug, choice, in: directory)
        let catalogue = try options.redisOptions.catalogue(of: target.app, options.redisOptions.connection())
        let event = try catalogue.event(named: event)
        var run = DiagnosisRun(
            target: target, event: event, catalogue: catalogue, options: options, directory: directory)
        if let project = project.name { try run.setProject(project) }
        try run.run(sendingTest: sendTest ? wait : nil)
        let report = run.report
        try output.write(json: report.json, text: report.text)
        if !report.wouldBeDelivered { throw ExitCode(1) }
    }

    private var choice: DiagnosisTarget.Choice {
        if let installation { return .uuid(installation) }
        return organization.map { .organization(slug: $0) } ?? .only
    }
}

/// The result of a diagnosis.
struct DiagnosisReport {
    let app: SentryApp
    let event: EventType
    let installation: Installation?
    var diagnostics: [Diagnostic]
    /// The id of the test event; nil when none was sent.
    var testID: String?

    /// The status of the receiver's response to the test event if it did not accept that.
    var testRefusal: Int?

    /// Whether the event would be delivered now.
    var wouldBeDelivered: Bool { diagnostics.allowDelivery }

    /// The human-readable form.
    var text: String {
        var table = TextTable(header: [])
        for diagnostic in diagnostics {
            let label =
                switch diagnostic.result {
                case .ok: "ok"
                case .problem: "PROBLEM"
                case .warning: "WARNING"
                case .note: "note"
                }
            table.append([label, diagnostic.step, diagnostic.text])
        }
        return table.text.drop { $0 == "\n" } + "\n" + verdict + "\n"
    }

    private var verdict: String {
        let subject = "\(event.rawValue)\(installation.map { " from \($0.uuid)" } ?? "")"
        if let testRefusal {
            return "No: \(app.slug) gets \(subject), but responded to the test event with status \(testRefusal)."
        }
        guard wouldBeDelivered else {
            return "No: \(app.slug) would not get \(subject): \(diagnostics.problems.count.counted("problem"))."
        }
        let warnings = diagnostics.warnings.map(\.text).joined(separator: "; ")
        guard warnings.isEmpty else { return "Later: \(app.slug) would get \(subject), but \(warnings)." }
        return "Yes: \(app.slug) would get \(subject)."
    }

    /// The JSON form.
    var json: JSONValue {
        .object([
            .init(name: "app", value: .string(app.slug)), .init(name: "event", value: .string(event.rawValue)),
            .init(name: "installation", value: installation.map { .string($0.uuid) } ?? .null),
            .init(name: "would_be_delivered", value: .bool(wouldBeDelivered)),
            .init(name: "steps", value: .array(diagnostics.map(\.json))),
            .init(name: "test_event_id", value: testID.map { .string($0) } ?? .null),
        ])
    }
}

extension DiagnosisTarget {
    /// Installations that are listed when one has to be chosen.
    private static let listedCount = 20

    /// Finds an app and one of its installations, deleted ones included.
    ///
    /// - Throws: `data` when one of them does not exist.
    static func find(
        app slug: String, _ choice: Choice, in directory: any DirectoryDatabase
    ) throws(CommandFailure) -> DiagnosisTarget {
        let app = try reportingDirectoryErrors(try directory.anyApp(slug: slug))
        guard let app else {
            throw CommandFailure(.data, "no such app: \(slug)")
        }
        do throws(Failure) {
            return try DiagnosisTarget(app: app, choice, in: directory)
        } catch {
            throw try failure(error, app, directory)
        }
    }

    private static func failure(
        _ failure: Failure, _ app: SentryApp, _ directory: any DirectoryDatabase
    ) throws(CommandFailure) -> CommandFailure {
        switch failure {
        case .directory(let error): CommandFailure(error)
        case .unknownInstallation(let uuid):
            CommandFailure(.data, "no such installation of \(app.slug): \(uuid)")
        case .unknownOrganization(let slug):
            CommandFailure(.data, "no such organization: \(slug)")
        case .several:
            try reportingDirectoryErrors(try severalInstallations(app, directory))
        }
    }

    private static func severalInstallations(
        _ app: SentryApp, _ directory: any DirectoryDatabase
    ) throws(DirectoryError) -> CommandFailure {
        let statistics = try directory.installationStatistics(appID: app.id, addedIn: app.dateAdded...app.dateAdded)
        let count = statistics.totalInstalls - statistics.totalUninstalls
        var lines = ""
        for installation in try directory.installations(appID: app.id, limit: listedCount) {
            let slug = try directory.organization(id: installation.organizationID)?.slug ?? "?"
            lines += "  \(installation.uuid)  \(slug)\n"
        }
        let more = count > listedCount ? "  … and \(count - listedCount) more\n" : ""
        return CommandFailure(
            .data,
            "\(app.slug) has \(count) installations: choose one with --installation or --organization\n" + lines + more)
    }
}
