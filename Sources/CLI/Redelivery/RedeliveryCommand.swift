import ArgumentParser
import Directory
import Model
import ProgramSupport
import Queue
import WireJSON

/// `hookline redelivery …`
struct RedeliveryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redelivery",
        abstract: "Redeliver an app's events of a time range by a job that workers run.",
        subcommands: [RedeliveryCreate.self, RedeliveryList.self, RedeliveryShow.self, RedeliveryCancel.self])
}

/// The app of a job, and the stores.
struct RedeliveryOptions: ParsableArguments {
    @OptionGroup var app: AppOption
    @OptionGroup var event: EventOptions

    func named() throws(CommandFailure) -> SentryApp { try event.directoryOptions.app(slug: app.slug) }

    func jobs() throws(CommandFailure) -> RedeliveryJobs {
        RedeliveryJobs(connection: try event.redisOptions.connection())
    }

    /// What the selection is limited to; nil also when the organization does not exist any more.
    func organization(of job: RedeliveryJob) throws(CommandFailure) -> Organization? {
        guard let id = job.selection.organizationID else { return nil }
        let directory = try event.directoryOptions.reader()
        return try reportingDirectoryErrors(try directory.organization(id: id))
    }

    func unknown(_ id: String) -> CommandFailure {
        CommandFailure(.data, "no redelivery job of \(app.slug): \(id)")
    }
}

/// `hookline redelivery create`
struct RedeliveryCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a job that redelivers an app's stored events of a time range.",
        discussion: """
            Prints the job's id. Workers run the job: it goes on when a worker or Redis is restarted, waits while the \
            app has many events in the queue, and can be cancelled. 'hookline redelivery show' shows how far it is. \
            'hookline event redeliver' does the same at once, as long as the command runs.

            Times are dates such as 2024-01-31T12:00:00Z, or ages: 90m, 2h, 3d. The range includes events enqueued at \
            --since and later, and before --until.

            Example:
              hookline redelivery create --app release-radar --since 2h --errors-only
            """)

    @Option(help: "Start of the time range.")
    var since: String

    @Option(help: "End of the time range. (default: now)")
    var until: String?

    @Flag(help: "Only events whose last attempt, redeliveries included, failed.")
    var errorsOnly = false

    @Option(help: "Only this event; repeat for several.")
    var event: [String] = []

    @Option(help: "Only events of this organization's installations; its slug.")
    var organization: String?

    @Flag(help: "Only count the events of the time range; create nothing.")
    var dryRun = false

    @Option(help: "A repeated command with the same key creates nothing and prints the first id, for a day.")
    var idempotencyKey: String?

    @OptionGroup var options: RedeliveryOptions

    func run() throws {
        let now = Timestamp.now()
        let app = try options.named()
        guard app.disablement == nil else {
            throw CommandFailure(
                .data, "the app \"\(app.slug)\" is disabled; enable it first: hookline app enable \(app.slug)")
        }
        let selection = try selection(now: now)
        var job = RedeliveryJob(
            id: EventIDSource.random.next(), appID: app.id, selection: selection, total: 0, createdAt: now,
            createdBy: "command line")
        let archive = try options.event.archive()
        job.total = try reportingRedisErrors(try archive.count(job.query, now: now))
        if dryRun {
            try StandardStreams.writeResult("\(job.total.counted("event")) of \(app.slug) in the time range.\n")
            return
        }
        let (jobs, key) = (try options.jobs(), try key())
        switch try reportingRedisErrors(try jobs.create(job, idempotencyKey: key?.text)) {
        case .created: try StandardStreams.writeResult(job.id + "\n", of: .change)
        case .duplicate(let id): try StandardStreams.writeResult(id + "\n")
        case .tooMany:
            throw CommandFailure(
                .tryLater,
                "\(app.slug) has \(RedeliveryJobs.maximumActive) redelivery jobs that have not ended: wait, or cancel "
                    + "one"
            )
        }
    }

    private func key() throws(CommandFailure) -> IdempotencyKey? {
        guard let idempotencyKey else { return nil }
        guard let key = IdempotencyKey(idempotencyKey, scope: .redeliveryJob) else {
            throw CommandFailure(
                .data, "--idempotency-key: must be 1 to \(IdempotencyKey.maximumBytes) printable characters of ASCII")
        }
        return key
    }

    private func selection(now: Timestamp) throws(CommandFailure) -> RedeliveryJob.Selection {
        let start = try StartArgument.timestamp(option: "--since", since, from: now) ?? now
        // Without this end, the job would redeliver its own events.
        let end = min(try StartArgument.timestamp(option: "--until", until, from: now) ?? now, now)
        guard start < end else {
            throw CommandFailure(.data, "--since must be before --until, and not in the future")
        }
        var selection = RedeliveryJob.Selection(since: start, until: end, errorsOnly: errorsOnly)
        if !event.isEmpty {
            let catalogue = try options.event.redisOptions.catalogue()
            selection.events = Set(
                try event.map { name throws(CommandFailure) in try catalogue.event(named: name) })
        }
        if let organization {
            let directory = try options.event.directoryOptions.reader()
            let found = try reportingDirectoryErrors(try directory.organization(slug: organization))
            guard let found else { throw CommandFailure(.data, "no such organization: \(organization)") }
            selection.organizationID = found.id
        }
        return selection
    }
}

/// `hookline redelivery list`
struct RedeliveryList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List an app's redelivery jobs, newest first.",
        discussion: """
            Jobs can be listed for seven days after their last step, the newest \(RedeliveryJobs.maximumListed) of \
            an app.
            """)

    @OptionGroup var output: ListOutput
    @OptionGroup var options: RedeliveryOptions

    func run() throws {
        let app = try options.named()
        let store = try options.jobs()
        let jobs = try reportingRedisErrors(try store.jobs(appID: app.id))
        var organizations: [Int64: Organization] = [:]
        // Only JSON has them.
        for job in jobs where output.json {
            guard let id = job.selection.organizationID, organizations[id] == nil else { continue }
            organizations[id] = try options.organization(of: job)
        }
        try output.write(
            jobs,
            json: { job in
                RedeliveryJobDocument.value(
                    of: job, organization: job.selection.organizationID.flatMap { organizations[$0] })
            }, header: ["CREATED", "STATE", "EXAMINED", "REDELIVERED", "BY", "ID"],
            row: { job in
                let counts = job.counts
                return [
                    job.createdAt.truncatedToSeconds.iso8601Description, job.state.rawValue,
                    "\(counts.examined) of \(job.total)", String(counts.redelivered), job.createdBy, job.id,
                ]
            })
    }
}

/// `hookline redelivery show`
struct RedeliveryShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a redelivery job and how far it is.",
        discussion: "With --json, the object is that of the API.")

    @Argument(help: "The job's id.")
    var id: String

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: RedeliveryOptions

    func run() throws {
        let app = try options.named()
        let jobs = try options.jobs()
        guard let job = try reportingRedisErrors(try jobs.job(id: id, appID: app.id)) else {
            throw options.unknown(id)
        }
        let organization = try options.organization(of: job)
        try output.write(
            json: RedeliveryJobDocument.value(of: job, organization: organization),
            text: TextTable.fields(fields(of: job, organization)))
    }

    private func fields(of job: RedeliveryJob, _ organization: Organization?) -> [(name: String, value: String)] {
        let (selection, counts) = (job.selection, job.counts)
        let optional: [(String, String?)] = [
            ("state", job.state.rawValue + (job.reason.map { ": \($0)" } ?? "")),
            ("since", selection.since.iso8601Description), ("until", selection.until.iso8601Description),
            ("only failures", selection.errorsOnly ? "yes" : "no"),
            ("events", selection.events.map { $0.map(\.rawValue).sorted().joined(separator: ", ") }),
            ("organization", organization?.slug),
            ("created", "\(job.createdAt.iso8601Description) by \(job.createdBy)"),
            ("ended", job.finishedAt?.iso8601Description), ("examined", "\(counts.examined) of \(job.total)"),
            ("redelivered", String(counts.redelivered)), ("already queued", String(counts.alreadyQueued)),
            ("expired", String(counts.expired)), ("unreadable", String(counts.unreadable)),
            ("not selected", String(counts.excluded)),
        ]
        return optional.compactMap { name, value in value.map { (name, $0) } }
    }
}

/// `hookline redelivery cancel`
struct RedeliveryCancel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel a redelivery job.",
        discussion: """
            Events that the job has put into the queue already are delivered: at most a few hundred. A job that has \
            ended stays as it is.
            """)

    @Argument(help: "The job's id.")
    var id: String

    @OptionGroup var options: RedeliveryOptions

    func run() throws {
        let app = try options.named()
        let jobs = try options.jobs()
        guard let job = try reportingRedisErrors(try jobs.cancel(id: id, appID: app.id, now: .now())) else {
            throw options.unknown(id)
        }
        try StandardStreams.writeResult(
            "\(job.state.rawValue); \(job.counts.redelivered.counted("event")) redelivered\n", of: .change)
    }
}
