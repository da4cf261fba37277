import ArgumentParser
import Buffer
import Directory
import Glibc
import Management
import Model
import Queue
import Redis
import WireJSON

/// `hookline app enable`
struct AppEnable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Enable an app that is disabled, or is to be: restore its subscriptions.",
        discussion: """
            The audit log of the owning organization gets an entry. Events that were waiting when the app was disabled \
            are dead letters, which 'hookline queue redrive --all --app SLUG' sends; those that arrived later are not \
            delivered. The app's failure counts are reset; if Redis cannot be used, the command warns and leaves \
            them.

            A worker that cannot write to the directory notes in Redis that an app is to be disabled, and sends it \
            nothing any more. The command removes that note, too; the workers send again within ten seconds.

            Example:
              hookline app enable release-radar
            """)

    @OptionGroup var app: AppArgument

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    /// Organizations whose failure counts are reset: each is one round trip to Redis.
    private static let maximumOrganizations = 10_000

    func run() throws {
        let connection = try redisOptions.connection()
        let directory = try options.reader()
        let app = try options.app(slug: app.slug)
        let pending = Result { () throws(RedisError) in
            try PendingDisablings(connection: connection).disabling(appID: app.id)
        }
        // Before the app is enabled: while it is disabled, nothing new is counted.
        if app.disablement != nil { try resetFailureCounts(connection, of: app, in: directory) }
        let audit = AuditEntry.Draft(event: AuditEntry.appEnabled, by: OperatorName.current(), on: app)
        var isDone = try reportingDirectoryErrors(try directory.enable(appID: app.id, audit: audit))
        if !isDone {
            try checkPending(app, pending)
            // What the directory refuses changes nothing in Redis either.
            try reportingDirectoryErrors(try directory.record(audit))
            _ = try reportingRedisErrors(try PendingDisablings(connection: connection).remove(appID: app.id))
            try resetFailureCounts(connection, of: app, in: directory)
            // A worker may have disabled it meanwhile.
            isDone = try reportingDirectoryErrors(try directory.enable(appID: app.id, audit: audit))
        }
        let enabled = try options.app(slug: app.slug)
        let events = enabled.events.isEmpty ? "no events" : enabled.events.joined(separator: ", ")
        let done = isDone ? "Enabled \(app.slug)," : "\(app.slug) is not to be disabled any more. It is"
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "events", value: .array(enabled.events.map(JSONValue.string))),
            ]), text: "\(done) subscribed to \(events).\n", of: .change)
    }

    /// Throws unless the app is to be disabled: the directory has nothing to enable.
    private func checkPending(
        _ app: SentryApp, _ pending: Result<PendingDisabling?, RedisError>
    ) throws(CommandFailure) {
        if case .failure(let error) = pending {
            StandardStreams.error.write(
                "hookline: warning: whether \(app.slug) is to be disabled is not known: \(error)\n")
        }
        guard case .success(.some) = pending else {
            throw CommandFailure(.data, "the app \"\(app.slug)\" is not disabled")
        }
    }

    /// Resets the app's failure window, and the failure counts of the owning organization and of those with an
    /// installation; otherwise they could disable the app again at once.
    private func resetFailureCounts(
        _ connection: RedisConnection, of app: SentryApp, in directory: any DirectoryDatabase
    ) throws(CommandFailure) {
        let limit = AppEnable.maximumOrganizations
        let installed = try reportingDirectoryErrors(
            try directory.organizationIDs(installing: app.id, limit: limit + 1))
        do throws(RedisError) {
            let now = Timestamp.now()
            try FailureWindows(connection: connection).clear(appID: app.id)
            let failureCounts = FailureCounts(connection: connection)
            for id in Set(installed.prefix(limit) + [app.ownerID]).sorted() {
                try failureCounts.clear(FailureCountKey(appID: app.id, organizationID: id), at: now)
            }
        } catch {
            StandardStreams.error.write(
                "hookline: warning: the failure counts of \(app.slug) were not reset and may disable it again: "
                    + "\(error)\n")
        }
        if installed.count > limit {
            StandardStreams.error.write(
                "hookline: warning: \(app.slug) is installed in more than \(limit) organizations; the failure counts "
                    + "of the others were not reset\n")
        }
    }
}

/// `hookline app disable`
struct AppDisable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Stop all webhooks of an app until it is enabled again.",
        discussion: """
            The app's subscriptions are cleared and stored for 'hookline app enable'. Events that are waiting for \
            delivery or a retry become dead letters. The audit log of the owning \
            organization gets an entry. No mail is sent, unlike with automatic disabling. Running workers stop \
            within about one second, when their cached entry of the app expires.

            Example:
              hookline app disable release-radar --reason 'receiver overloaded'
            """)

    @OptionGroup var app: AppArgument

    @Option(help: "The reason, for the audit log: one line of at most \(AppDisable.maximumReasonByteCount) bytes.")
    var reason: String

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    static let maximumReasonByteCount = 500

    func run() throws {
        try Self.check(reason: reason)
        let directory = try options.reader()
        let app = try options.app(slug: app.slug)
        let audit = AuditEntry.Draft(event: AuditEntry.appDisabled, by: OperatorName.current(), on: app)
        let isDone = try reportingDirectoryErrors(
            try directory.disable(appID: app.id, reason: reason, audit: audit, notifies: false))
        guard isDone else { throw CommandFailure(.data, "the app \"\(app.slug)\" is already disabled") }
        try output.write(
            json: .object([.init(name: "app", value: .string(app.slug))]), text: "Disabled \(app.slug).\n", of: .change)
    }

    /// Throws unless the text can be a reason.
    static func check(reason: String) throws(CommandFailure) {
        guard !reason.isEmpty, reason.utf8.count <= maximumReasonByteCount,
            reason.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw CommandFailure(
                .data,
                "--reason: must be one line of 1 to \(maximumReasonByteCount) bytes without control characters")
        }
    }
}

extension AuditEntry.Draft {
    /// An operator's change of an app in the audit log of the owning organization (docs/protocol.md 7.8).
    ///
    /// - Parameter changes: what was changed, without secrets and values of headers.
    init(
        event: Int, by operatorName: String, on app: SentryApp, changes: [String] = [], at date: Timestamp = .now()
    ) {
        self.init(event: event, by: ChangeAuthor(label: operatorName), on: app, changes: changes, at: date)
    }
}

/// The name of the user who runs the command, for the audit log.
enum OperatorName {
    /// The name of the process's real user id in the system's user database; `hookline` if it has none.
    ///
    /// Not from the environment: anyone can set variables such as `SUDO_USER`.
    static func current() -> String {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        // The entry's strings are in the buffer.
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, getpwuid_r(getuid(), &entry, start, buffer.count, &result) == 0,
                result != nil, let name = entry.pw_name
            else { return fallback }
            return String(cString: name)
        }
    }

    private static let fallback = "hookline"
}
