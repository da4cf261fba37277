import ArgumentParser
import Directory
import Management
import Model
import Queue
import WebhookRules
import WireJSON

/// `hookline event erase`
struct EventErase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase an event: its entry in the queue, its payload and its rows.",
        discussion: """
            Everything that Redis has of the event is removed permanently: what waits for delivery, the dead letter, \
            the payload with the details of attempts, and the rows of the request log. Redeliveries are events of \
            their own, which 'hookline event show --details' names. The audit log of the owning organization gets an \
            entry with the event's id before.

            While a worker sends the event, nothing is erased and the exit status is 75. If Redis fails, repeat the \
            command: it erases the rest.

            Example:
              hookline event erase 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar
            """)

    @Argument(help: "The event's id: the webhook's Request-ID.")
    var id: String

    @OptionGroup var app: AppOption
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: EventOptions

    func validate() throws {
        guard !id.isEmpty else { throw ValidationError("the event's id is empty") }
    }

    func run() throws {
        let catalogue = try options.redisOptions.catalogue()
        let directory = try options.directoryOptions.reader()
        let app = try options.directoryOptions.app(slug: app.slug)
        let erasure = EventErasure(
            queue: try options.queue(), archive: try options.anyArchive(),
            log: try options.redisOptions.log(of: catalogue))
        let audit = AuditEntry.Draft.eventErased(id: id, of: app, by: .currentOperator, at: .now())
        let report: EventErasure.Report
        do throws(EventErasure.Failure) {
            report = try erasure.erase(id: id, appID: app.id, events: catalogue.events) {
                () throws(DirectoryError) in try directory.record(audit)
            }
        } catch {
            throw CommandFailure(error, id: id, app: app)
        }
        try output.write(json: report.json(id: id), text: "Erased \(id): \(report.summary).\n", of: .change)
    }
}

extension EventErasure.Report {
    fileprivate func json(id: String) -> JSONValue {
        .object([
            .init(name: "request_id", value: .string(id)),
            .init(name: "queue", value: .array(places.map { .string($0.rawValue) })),
            .init(name: "payload", value: .bool(hadPayload)),
            .init(name: "details", value: .integer(details)),
            .init(name: "rows", value: .integer(rows)),
        ])
    }

    /// What was erased, in words.
    fileprivate var summary: String {
        var parts = places.map { place in
            switch place {
            case .waiting, .scheduled: "its entry in the queue (\(place.rawValue))"
            case .deadLetter: "its dead letter"
            case .dropped: "the note that it was dropped"
            }
        }
        if hadPayload { parts.append("its payload") }
        if details > 0 { parts.append("the details of \(details.counted("attempt"))") }
        if rows > 0 { parts.append(rows.counted("row")) }
        // Another command may have been faster.
        return parts.isEmpty ? "nothing was left" : parts.joined(separator: ", ")
    }
}

extension CommandFailure {
    fileprivate init(_ failure: EventErasure.Failure, id: String, app: SentryApp) {
        switch failure {
        case .nothingFound:
            self.init(
                .data, "no such event of \(app.slug): \(id) (not in the queue, no payload and no attempt)")
        case .inProgress:
            self.init(
                .tryLater,
                "a worker is sending \(id): nothing was erased. Repeat the command when the attempt has ended")
        case .queueTooLong:
            self.init(
                .tryLater,
                "the queue has too many events to look at all of them: nothing was erased. Repeat the command when it "
                    + "is shorter")
        case .moving:
            self.init(
                .tryLater,
                "\(id) moves in the queue: its payload and its rows were not erased. Repeat the command")
        case .audit(let error): self.init(error)
        case .redis(let error, hasBegun: false): self.init(.unavailable, "\(error). Nothing was erased")
        case .redis(let error, hasBegun: true):
            self.init(
                .unavailable, "\(error). The event may be erased in part: repeat the command, which erases the rest")
        }
    }
}
