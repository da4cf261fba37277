import Buffer
import Delivery
import Directory
import Model
import Queue
import Redis
import WebhookRules

/// Asks every question about an event's way, in order.
struct DiagnosisRun {
    private let target: DiagnosisTarget
    private let event: EventType
    private let catalogue: EventCatalogue
    private let options: EventOptions
    private let directory: any DeliveryDirectory
    private let settings = CommandDeliverySettings()
    private var project: Project?

    /// What was found so far.
    private(set) var report: WhyReport

    init(
        target: DiagnosisTarget, event: EventType, catalogue: EventCatalogue, options: EventOptions,
        directory: any DeliveryDirectory
    ) {
        self.target = target
        self.event = event
        self.catalogue = catalogue
        self.options = options
        self.directory = directory
        report = WhyReport(app: target.app, event: event, installation: target.installation, findings: [])
    }

    /// Says where the event happens.
    mutating func setProject(_ text: String) throws(CommandFailure) {
        guard let organization = target.organization else { return }
        let found = try reportingDirectoryErrors { () throws(DirectoryError) in
            try EventSubmission.ProjectName(text).project(in: organization.id, directory: directory)
        }
        guard let found else {
            throw CommandFailure(.data, "the organization \(organization.slug) has no project \"\(text)\"")
        }
        project = found
    }

    /// - Parameter seconds: how long to wait for a test event; nil = none is sent.
    mutating func run(sendingTest seconds: Int?) throws(CommandFailure) {
        let inquiry = DeliveryDiagnosis(
            target: target, event: event, project: project, settings: try settings.explanation(events: catalogue),
            audience: .operator, now: .now())
        let rules = try reportingDirectoryErrors { () throws(DirectoryError) in try inquiry.evaluateRules(in: directory)
        }
        report.findings += rules.diagnostics
        try probe(rules.webhook)
        report.findings += try state(inquiry)
        guard let seconds, let sample = rules.sample else { return }
        guard rules.diagnostics.allowDelivery else {
            return report.findings.append(
                .note("test event", "not sent: a worker would drop it because of the problems above"))
        }
        try sendTest(sample, waiting: seconds)
    }

    /// Without a plan the app's own URL is tried.
    private mutating func probe(_ webhook: PlannedWebhook?) throws(CommandFailure) {
        guard let url = webhook?.url ?? target.app.webhookURL, !url.isEmpty else { return }
        let probe = ConnectionProbe(settings: try settings.sender())
        do throws(SenderError) {
            report.findings += ProbeDiagnostics.findings(try probe.probe(url, timeout: webhook?.timeout))
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
    }

    private func state(_ inquiry: DeliveryDiagnosis) throws(CommandFailure) -> [Diagnostic] {
        let connection = try options.redisOptions.connection()
        let sources = StateSources(
            health: FailureCounts(connection: connection), metrics: MetricStore(connection: connection),
            backlog: try options.queue())
        let log = WebhookRequestBuffer(connection: connection, events: catalogue)
        return try reportingRedisErrors { () throws(RedisError) in try inquiry.state(from: sources, log: log) }
    }

    private mutating func sendTest(_ sample: QueuedEvent, waiting seconds: Int) throws(CommandFailure) {
        let outcome = try options.submitter().enqueue(sample, appID: target.app.id)
        switch outcome {
        case .full(let depth, let bound):
            report.findings.append(.problem("test event", "not sent: the queue is full (\(depth) of \(bound))"))
        case .accepted(let id), .repeated(let id):
            report.testID = id
            let buffer = WebhookRequestBuffer(connection: try options.redisOptions.connection(), events: catalogue)
            report.findings.append(
                try TestDelivery(id: id, app: target.app, event: event).wait(
                    seconds: seconds, buffer: buffer, queue: options.queue(), limit: 100))
        }
    }
}
