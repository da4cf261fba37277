import ArgumentParser
import Buffer
import Directory
import Model
import Redis

/// `hookline log add`
struct LogAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Record one webhook request.",
        discussion: """
            For testing a dashboard, or for senders other than Hookline's worker. The row has the form of \
            HOOKLINE_PROTOCOL's release. Headers and bodies are stored only for codes of 400 and above, 0 and -1, \
            truncated like the worker's.

            Examples:
              hookline log add release-radar --event issue.created --code 200
              hookline log add release-radar --event issue.assigned --code 0 --reason timeout
              hookline log add release-radar --event error.created --code 502 --response-body 'Bad gateway' \
            --header 'Content-Type: application/json'
            """)

    @OptionGroup var app: AppArgument

    @Option(help: "The event, such as issue.created.")
    var event: String

    @Option(help: "The response's status; 0 when there was none; -1 (--code=-1) a connection failure, since 26.9.")
    var code: Int

    @Option(help: "The request's URL. (default: the app's webhook URL)")
    var url: String?

    @Option(help: "The organization's slug; not stored for internal apps. (default: the app's owner)")
    var organization: String?

    @Option(help: "The request's time, such as 2024-01-31T12:00:00Z. (default: now)")
    var date: String?

    @Option(help: "A request header, 'Name: value'; repeat for several.")
    var header: [String] = []

    @Option(help: "The request's body.")
    var requestBody: String?

    @Option(help: "The response's body.")
    var responseBody: String?

    @Option(help: "The issue event in the receiver's response; needs --project-id.")
    var errorID: String?

    @Option(help: "The project in the receiver's response; needs --error-id.")
    var projectID: String?

    @Option(help: "The request id, which all attempts of one event share.")
    var requestID: String?

    @Option(help: "The attempt's number, from 1.")
    var attempt: Int?

    @Option(name: .customLong("duration-ms"), help: "The duration in milliseconds.")
    var durationMilliseconds: Int?

    @Option(help: "Why there was no response: timeout, connection, dns, tls, …")
    var reason: String?

    @OptionGroup var directoryOptions: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func validate() throws {
        guard [0, WebhookRequestRecord.connectionErrorCode].contains(code) || (100...999).contains(code) else {
            throw ValidationError("--code must be 0, -1 or 100 to 999")
        }
        guard (errorID == nil) == (projectID == nil) else {
            throw ValidationError("--error-id and --project-id go together")
        }
    }

    func run() throws {
        let catalogue = try redisOptions.catalogue()
        let app = try directoryOptions.app(slug: app.slug)
        let record = try record(of: app, event: try catalogue.event(named: event))
        let buffer = try redisOptions.log(of: catalogue)
        _ = try reportingRedisErrors(try buffer.record(record))
        try StandardStreams.writeResult(
            "Recorded \(record.event.rawValue) of \(app.slug), code \(code), at \(record.date.iso8601Description).\n",
            of: .change)
    }

    private func record(of app: SentryApp, event: EventType) throws(CommandFailure) -> WebhookRequestRecord {
        guard let url = url ?? app.webhookURL else {
            throw CommandFailure(.data, "the app \(app.slug) has no webhook URL: give one with --url")
        }
        var record = WebhookRequestRecord(
            date: try TimeArgument.timestamp(option: "--date", date) ?? .now(), event: event, appID: app.id,
            responseCode: code, webhookURL: url,
            requestHeaders: try headers(), responseBody: responseBody.map { Array($0.utf8) }, requestBody: requestBody,
            organizationID: try organizationID(of: app), errorID: errorID,
            projectID: projectID.map(WebhookRequestRecord.ProjectReference.text), requestID: requestID,
            attempt: attempt, durationMilliseconds: durationMilliseconds, reason: reason)
        record.rules = try directoryOptions.rules()
        return record
    }

    private func headers() throws(CommandFailure) -> [(name: String, value: String)] {
        try header.map { line throws(CommandFailure) in
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw CommandFailure(.data, "--header: a header is written 'Name: value'")
            }
            return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
    }

    private func organizationID(of app: SentryApp) throws(CommandFailure) -> Int64? {
        guard app.status != .internal else { return nil }
        guard let slug = organization else { return app.ownerID }
        let directory = try directoryOptions.reader()
        let found = try reportingDirectoryErrors(try directory.organization(slug: slug))
        guard let found else {
            throw CommandFailure(.data, "no such organization: \(slug)")
        }
        return found.id
    }
}
