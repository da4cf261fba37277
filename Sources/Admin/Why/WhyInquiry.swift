import Buffer
import Delivery
import Directory
import Model
import Planning

/// Asks every question about an event's way, in order.
struct WhyInquiry {
    private let target: WhyTarget
    private let event: EventType
    private let catalogue: EventCatalogue
    private let options: EventOptions
    private let directory: any DeliveryDirectory
    private let settings = DeliverySettings()
    private var project: Project?

    /// What was found so far.
    private(set) var report: WhyReport

    init(
        target: WhyTarget, event: EventType, catalogue: EventCatalogue, options: EventOptions,
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
        let found = try reportingDirectoryErrors { () throws(DirectoryError) -> Project? in
            if let id = Int64(text) { return try directory.project(id: id) }
            return try directory.project(slug: text, organizationID: organization.id)
        }
        guard let found, found.organizationID == organization.id else {
            throw CommandFailure(.data, "the organization \(organization.slug) has no project \"\(text)\"")
        }
        project = found
    }

    /// - Parameter seconds: how long to wait for a test event; nil = none is sent.
    mutating func run(sendingTest seconds: Int?) throws(CommandFailure) {
        var webhook: PlannedWebhook?
        var sample: QueuedEvent?
        if let problem = target.problem(for: event) {
            report.findings.append(problem)
        } else if let installation = target.installation {
            let queued = SampleEvent(
                app: target.app, installation: installation, organizationSlug: target.organization?.slug ?? "",
                now: .now()
            ).queued(event, project: project)
            let plan = try PlanFindings(
                of: queued, to: target, directory: directory, settings: try settings.plan(events: catalogue),
                now: .now())
            report.findings += plan.findings
            webhook = plan.webhook
            sample = queued
        }
        let isPlanned = report.wouldBeDelivered
        try probe(webhook)
        try readState()
        guard let seconds, let sample else { return }
        guard isPlanned else {
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
            report.findings += ProbeFindings.findings(try probe.probe(url, timeout: webhook?.timeout))
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
    }

    private mutating func readState() throws(CommandFailure) {
        let connection = try options.redisOptions.connection()
        let state = StateFindings(app: target.app, now: .now())
        let broken = try settings.brokenRule()
        if let organization = target.organization {
            report.findings.append(
                try state.health(
                    organizationID: organization.id, in: IntegrationHealth(connection: connection),
                    rule: broken.rule, apps: broken.apps))
        }
        report.findings.append(state.workers(try options.redisOptions.workers()))
        report.findings += try state.backlog(in: options.queue())
        report.findings.append(
            try state.log(of: event, in: WebhookRequestBuffer(connection: connection, events: catalogue)))
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
