import ArgumentParser
import Buffer
import Directory
import Model
import WebhookRules
import WireJSON

/// `hookline event send`
struct EventSend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Enqueue an event for an installation or a whole organization, or many from a file.",
        discussion: """
            The checks are those of the enqueue endpoint. The event's id, which is the webhook's Request-ID, is \
            printed once Redis has the event; a worker delivers it.

            With --organization it is enqueued for every app that is installed there and would get it; of the others \
            the reason is printed. Repeated with the same --idempotency-key, the command completes what is missing and \
            prints the same ids.

            A file has one JSON object per line: installation, event and data; optional are actor, project and \
            idempotency_key. Invalid lines are reported and skipped (exit status 65); a full queue stops the command \
            (exit status 75).

            Examples:
              hookline event send 7a485448-a9e2-4c85-8a3c-4f44175783c9 issue.created --data @issue.json
              hookline event send 7a485448-a9e2-4c85-8a3c-4f44175783c9 error.created --project web --data '{}'
              hookline event send --organization acme issue.created --data @issue.json --idempotency-key 4711
              hookline event send --from events.ndjson
            """)

    @Argument(help: "The installation's uuid.")
    var installation: String?

    @Argument(help: "The event, such as issue.created.")
    var event: String?

    @Option(help: "The slug of an organization: all its apps, in place of an installation.")
    var organization: String?

    @Option(help: "The webhook's data, a JSON object: inline, @FILE, or - for standard input. (default: {})")
    var data: String?

    @Option(help: "The webhook's actor, a JSON object. (default: the platform)")
    var actor: String?

    @OptionGroup var project: ProjectOption

    @Option(help: "A repeated command with the same key enqueues nothing and prints the first id.")
    var idempotencyKey: String?

    @Option(name: .customLong("from"), help: "A file of events, one JSON object per line; - reads standard input.")
    var file: String?

    @Flag(help: "One JSON object for each event.")
    var json = false

    @OptionGroup var options: EventOptions

    func validate() throws {
        guard file != nil else {
            if organization != nil {
                // The only argument is the event then.
                guard installation != nil, event == nil else {
                    throw ValidationError("with --organization give one argument, the event")
                }
                return
            }
            guard installation != nil, event != nil else {
                throw ValidationError("give an installation and an event, or a file with --from")
            }
            return
        }
        guard installation == nil, organization == nil, data == nil, actor == nil, project.name == nil,
            idempotencyKey == nil
        else {
            throw ValidationError("--from cannot be combined with other events")
        }
    }

    func run() throws {
        let limit = try CommandDeliverySettings().maximumEventBytes()
        let submitter = try options.submitter()
        if let file {
            var batch = EventBatch(submitter: submitter, lineLimit: limit, printsJSON: json)
            try batch.send(file)
        } else if let organization {
            try sendToAll(in: organization, submitter, limit: limit)
        } else {
            try sendOne(submitter, limit: limit)
        }
    }

    private func sendToAll(
        in slug: String, _ submitter: EventSubmitter, limit: Int
    ) throws(CommandFailure) {
        let catalogue = try options.redisOptions.catalogue()
        let event = try catalogue.event(named: installation ?? "")
        let directory = try options.directoryOptions.reader()
        guard let organization = try reportingDirectoryErrors(try directory.organization(slug: slug)) else {
            throw CommandFailure(.data, "no such organization: \(slug)")
        }
        let (body, text) = try content(event.rawValue, limit: limit)
        let found = try project.name.map { (name) throws(CommandFailure) -> Project in
            let found = try reportingDirectoryErrors(
                try EventSubmission.ProjectName(name).project(in: organization.id, directory: directory))
            guard let found else { throw CommandFailure(.data, "no such project in \(slug): \(name)") }
            return found
        }
        let fanOut = EventFanOut(
            directory: directory, submitter: submitter,
            settings: try CommandDeliverySettings().diagnosis(events: catalogue), organization: organization)
        var isEmpty = true
        try fanOut.send(event, body, text: text, project: found, idempotencyKey: idempotencyKey) {
            (delivery) throws(CommandFailure) in
            isEmpty = false
            let line = json ? delivery.json.compactText : delivery.cells.joined(separator: "  ")
            try StandardStreams.writeResult(line + "\n", of: .change)
        }
        if isEmpty { StandardStreams.error.write("hookline: no app is installed in \(slug)\n") }
    }

    private func sendOne(_ submitter: EventSubmitter, limit: Int) throws(CommandFailure) {
        let (body, text) = try content(event ?? "", limit: limit)
        let outcome = try submitter.submit(
            body, text: text, installation: installation ?? "", idempotencyKey: idempotencyKey)
        switch outcome {
        case .accepted(let id): try report(id, isDuplicate: false)
        case .duplicate(let id): try report(id, isDuplicate: true)
        case .full(let limit):
            throw .queueIsFull(limit, "the event was not enqueued. Try again later")
        }
    }

    /// The body of the enqueue endpoint, and the text of its members that are passed on as they are.
    private func content(_ event: String, limit: Int) throws(CommandFailure) -> (body: JSONValue, text: [UInt8]) {
        let data = try value(data ?? "{}", option: "--data", limit: limit)
        var body: [JSONValue.Member] = [
            .init(name: "event", value: .string(event)), .init(name: "data", value: data.value),
        ]
        var text = Array(#"{"data":"#.utf8) + data.bytes
        if let actor {
            let actor = try value(actor, option: "--actor", limit: limit)
            body.append(.init(name: "actor", value: actor.value))
            text += Array(#","actor":"#.utf8) + actor.bytes
        }
        if let project = project.name { body.append(.init(name: "project", value: .string(project))) }
        return (.object(body), text + [UInt8(ascii: "}")])
    }

    private func report(_ id: String, isDuplicate: Bool) throws(CommandFailure) {
        if json {
            let result = EventBatch.result(id, isDuplicate: isDuplicate)
            try StandardStreams.writeResult(JSONValue.object(result).compactText + "\n", of: .change)
        } else {
            if isDuplicate {
                StandardStreams.error.write("hookline: duplicate idempotency key: nothing was enqueued\n")
            }
            try StandardStreams.writeResult(id + "\n", of: .change)
        }
    }

    /// The JSON of an option: inline or in a file.
    private func value(_ text: String, option: String, limit: Int) throws(CommandFailure) -> JSONLiteral {
        let bytes: [UInt8]
        do throws(CommandFailure) {
            if text == "-" {
                bytes = try InputFile.read("-", byteLimit: limit)
            } else if text.hasPrefix("@") {
                bytes = try InputFile.read(String(text.dropFirst()), byteLimit: limit)
            } else {
                bytes = Array(text.utf8)
            }
        } catch {
            throw CommandFailure(.data, "\(option): \(error.message)")
        }
        do throws(JSONSyntaxError) {
            _ = try JSONValue(parsing: bytes, limits: EventBatch.limits(limit))
            return JSONLiteral(valid: bytes[(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)...])
        } catch {
            throw CommandFailure(.data, "\(option): is not JSON: \(error)")
        }
    }
}
