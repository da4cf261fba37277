import Buffer
import Delivery
import Directory
import Glibc
import Model
import ProgramSupport
import Queue
import Redis
import System
import WebhookRules
import WireJSON

/// Diagnoses whether an app would get an event: rules, network, state, and if wanted a test event.
struct DiagnosisRun {
    private let target: DiagnosisTarget
    private let event: EventType
    private let catalogue: EventCatalogue
    private let options: EventOptions
    private let directory: any DirectoryDatabase
    private let settings = CommandDeliverySettings()
    private var project: Project?

    /// The diagnostics so far.
    private(set) var report: DiagnosisReport

    init(
        target: DiagnosisTarget, event: EventType, catalogue: EventCatalogue, options: EventOptions,
        directory: any DirectoryDatabase
    ) {
        self.target = target
        self.event = event
        self.catalogue = catalogue
        self.options = options
        self.directory = directory
        report = DiagnosisReport(app: target.app, event: event, installation: target.installation, diagnostics: [])
    }

    /// Sets the event's project.
    mutating func setProject(_ text: String) throws(CommandFailure) {
        guard let organization = target.organization else { return }
        let found = try reportingDirectoryErrors(
            try EventSubmission.ProjectName(text).project(in: organization.id, directory: directory))
        guard let found else {
            throw CommandFailure(.data, "no such project in \(organization.slug): \(text)")
        }
        project = found
    }

    /// - Parameter seconds: how long to wait for a test event; nil = send none.
    mutating func run(sendingTest seconds: Int?) throws(CommandFailure) {
        let diagnosis = DeliveryDiagnosis(
            target: target, event: event, project: project, settings: try settings.diagnosis(events: catalogue),
            audience: .operator, now: .now())
        report.diagnostics += try relay(diagnosis)
        let evaluation = try reportingDirectoryErrors(try diagnosis.evaluateRules(in: directory))
        report.diagnostics += evaluation.diagnostics
        try noteFindings()
        try probe(evaluation.webhook)
        report.diagnostics += try state(diagnosis)
        guard let seconds, let sample = evaluation.sample else { return }
        guard evaluation.diagnostics.allowDelivery else {
            return report.diagnostics.append(
                .note("test event", "not sent: a worker would drop it because of these problems"))
        }
        try sendTest(sample, waiting: seconds)
    }

    /// Notes what is missing in the directory: it concerns a feature, and not every delivery.
    mutating func noteFindings() throws(CommandFailure) {
        report.diagnostics += try reportingDirectoryErrors(try directory.findings()).map { .note("directory", $0) }
    }

    /// Without a planned webhook the app's URL is probed.
    private mutating func probe(_ webhook: PlannedWebhook?) throws(CommandFailure) {
        guard let url = webhook?.url ?? target.app.webhookURL, !url.isEmpty else { return }
        let probe = ConnectionProbe(settings: try settings.sender())
        do throws(SenderError) {
            report.diagnostics += ProbeDiagnostics.diagnostics(try probe.probe(url, timeout: webhook?.timeout))
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
    }

    private func relay(_ diagnosis: DeliveryDiagnosis) throws(CommandFailure) -> [Diagnostic] {
        guard target.app.relayTargets != nil else { return [] }
        let connection = try options.redisOptions.connection()
        let sources = StateSources(
            windows: FailureWindows(connection: connection), breakers: try settings.breakers(sharing: connection),
            relayTargets: RelayTargetStates(connection: connection))
        let rules = try rules()
        return try reportingRedisErrors(try diagnosis.relay(from: sources, under: rules))
    }

    private func state(_ diagnosis: DeliveryDiagnosis) throws(CommandFailure) -> [Diagnostic] {
        let connection = try options.redisOptions.connection()
        let sources = StateSources(
            health: FailureCounts(connection: connection), windows: FailureWindows(connection: connection),
            breakers: try settings.breakers(sharing: connection),
            pendingDisablings: PendingDisablings(connection: connection), metrics: MetricStore(connection: connection),
            backlog: try options.queue(), lastTimes: LastTimes(connection: connection),
            checkWrites: { () throws(RedisError) in try StoreSettings.checkWrites(on: connection) })
        let log = WebhookRequestBuffer(connection: connection, events: catalogue)
        let rules = try rules()
        let state = try reportingRedisErrors(try diagnosis.state(from: sources, log: log, under: rules))
        return try state + [silence(sources, log)].compactMap(\.self)
    }

    /// Those of the original that are followed.
    private func rules() throws(CommandFailure) -> ProtocolRules {
        let releases = try reportingDirectoryErrors(try directory.releases())
        return try settings.protocolChoice().rules(fitting: releases)
    }

    private func silence(_ sources: StateSources, _ log: WebhookRequestBuffer) throws(CommandFailure) -> Diagnostic? {
        let silence = SilenceDiagnosis(
            app: target.app, settings: try settings.diagnosis(events: catalogue), rules: try rules(),
            audience: .operator, now: .now())
        let facts = try reportingRedisErrors(try silence.facts(from: sources, log: log))
        return try reportingDirectoryErrors(try silence.diagnostic(facts, in: directory))
    }

    private mutating func sendTest(_ sample: QueuedEvent, waiting seconds: Int) throws(CommandFailure) {
        let outcome = try options.submitter().enqueue(sample, appID: target.app.id)
        switch outcome {
        case .full(let limit):
            report.diagnostics.append(.problem("test event", "not sent: \(limit.reason)"))
        case .accepted(let id), .duplicate(let id):
            report.testID = id
            let buffer = WebhookRequestBuffer(connection: try options.redisOptions.connection(), events: catalogue)
            let delivery = TestDelivery(id: id, app: target.app, event: event)
            let attempt = try delivery.firstAttempt(seconds: seconds, buffer: buffer)
            // Without a worker it waits, as the step before says.
            let mayWait = !report.diagnostics.warnings.isEmpty
            report.diagnostics.append(
                try delivery.diagnostic(attempt, seconds: seconds, mayWait: mayWait, queue: options.queue()))
            if let attempt, !attempt.isSuccess, attempt.hasResponse { report.testRefusal = attempt.code }
        }
    }
}

/// A test event in the queue, and the wait for its first attempt.
struct TestDelivery {
    let id: String
    let app: SentryApp
    let event: EventType

    /// Waits for the first attempt's row in the request log; nil when there is none in time.
    func firstAttempt(seconds: Int, buffer: WebhookRequestBuffer) throws(CommandFailure) -> LoggedAttempt? {
        let deadline = MonotonicTime.now().adding(seconds: seconds)
        while true {
            let rows = try AttemptList(of: id, appID: app.id, events: [event], in: buffer)
            if let attempt = rows.attempts.last { return attempt }
            guard MonotonicTime.now() < deadline else { return nil }
            usleep(100_000)
        }
    }

    /// - Parameters:
    ///   - attempt: nil: there was none within `seconds`.
    ///   - mayWait: whether it is known why there was none, so that this is no problem of its own.
    func diagnostic(
        _ attempt: LoggedAttempt?, seconds: Int, mayWait: Bool, queue: DeliveryQueue
    ) throws(CommandFailure) -> Diagnostic {
        if let attempt { return diagnostic(attempt) }
        guard !mayWait else {
            return .warning("test event", "the test event \(id) waits in the queue")
        }
        let statistics = try reportingRedisErrors(try queue.statistics())
        return .problem(
            "test event",
            "\(id) is in the queue, but the log has no attempt after \(seconds) s. Is a worker running, with the same "
                + "Redis and HOOKLINE_QUEUE_SHARDS? The queue has \(statistics.waiting) waiting, "
                + "\(statistics.pending) in progress, \(statistics.scheduled) scheduled")
    }

    private func diagnostic(_ attempt: LoggedAttempt) -> Diagnostic {
        let time = attempt.durationMilliseconds.map { " after \($0) ms" } ?? ""
        let body = attempt.responseBody.flatMap { $0.isEmpty ? nil : ": \(Excerpt($0))" } ?? ""
        if attempt.isSuccess { return .ok("test event", "\(id) got status \(attempt.code)\(time)\(body)") }
        guard !attempt.hasResponse else {
            let advice = attempt.redirectAdvice.map { ": \($0)" } ?? body
            return .problem("test event", "\(id) got status \(attempt.code)\(time)\(advice)")
        }
        let detail = attempt.reasonDetail.map { ", \($0)" } ?? ""
        return .problem("test event", "\(id) got no response\(time): \(attempt.reason ?? "unknown reason")\(detail)")
    }
}
