import ArgumentParser
import Buffer
import Delivery
import Directory
import Model
import WebhookRules

/// `hookline why`
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say whether an app would get an event now, and if not, why not.",
        discussion: """
            Follows the event's way step by step: installation, app, subscriptions, project, webhook URL, look-up, \
            addresses, connection, certificate; then the app's health, the queue and the log. A step that fails does \
            not hide those behind it. The network is looked at from this machine, with the worker's settings.

            Exit status: 0 it would be delivered; 1 it would not; others as for every command.

            Examples:
              hookline why release-radar issue.created --organization acme
              hookline why release-radar error.created --installation 7a485448-a9e2-4c85-8a3c-4f44175783c9 --project web
              hookline why release-radar issue.created --organization acme --send-test
            """)

    @Argument(help: "The app's slug.")
    var app: String

    @Argument(help: "The event, such as issue.created.")
    var event: String

    @Option(help: "The installation's uuid. (default: the only one)")
    var installation: String?

    @Option(help: "The slug of the organization where it is installed.")
    var organization: String?

    @Option(help: "The project that it happens in: its slug or id.")
    var project: String?

    @Flag(help: "Send a test event, marked as one in its data, and wait for what becomes of it.")
    var sendTest = false

    @Option(help: "How many seconds to wait for the test event.")
    var wait = 15

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var options: EventOptions

    func validate() throws {
        guard installation == nil || organization == nil else {
            throw ValidationError("give --installation or --organization, not both")
        }
        guard (0...600).contains(wait) else { throw ValidationError("--wait must be 0 to 600 seconds") }
    }

    func run() throws {
        let catalogue = try options.redisOptions.catalogue()
        let event = try catalogue.event(named: event)
        let directory = try options.directoryOptions.reader()
        let target = try DiagnosisTarget.find(app: app, choice, in: directory)
        var inquiry = DiagnosisRun(
            target: target, event: event, catalogue: catalogue, options: options, directory: directory)
        if let project { try inquiry.setProject(project) }
        try inquiry.run(sendingTest: sendTest ? wait : nil)
        let report = inquiry.report
        try StandardStreams.writeResult(json ? report.json.compactText + "\n" : report.text)
        if !report.wouldBeDelivered { throw ExitCode(1) }
    }

    private var choice: DiagnosisTarget.Choice {
        if let installation { return .uuid(installation) }
        return organization.map { .organization(slug: $0) } ?? .only
    }
}
