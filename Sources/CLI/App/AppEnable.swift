import ArgumentParser
import Buffer
import Directory
import Glibc
import Model
import Queue
import Redis
import WireJSON

/// `hookline app enable`
struct AppEnable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Enable a disabled app: restore its subscriptions.",
        discussion: """
            The audit log of the owning organization gets an entry. Events that were waiting when the app was disabled \
            are dead letters, which 'hookline queue redrive --all --app SLUG' sends; those that arrived later are not \
            delivered. The app's failure counts are reset; if Redis cannot be used, the command warns and leaves \
            them.

            Example:
              hookline app enable release-radar
            """)

    @OptionGroup var app: AppArgument

    @OptionGroup var options: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    /// Organizations whose failure counts are reset: each is one round trip to Redis.
    private static let maximumOrganizations = 10_000

    func run() throws {
        let connection = try redisOptions.connection()
        let directory = try options.reader()
        let app = try options.app(slug: app.slug)
        // Before the app is enabled: while it is disabled, nothing new is counted.
        if app.disablement != nil { try resetFailureCounts(connection, of: app, in: directory) }
        let audit = AuditEntry.Draft(event: AuditEntry.appEnabled, by: OperatorName.current(), on: app)
        let isDone = try reportingDirectoryErrors(try directory.enable(appID: app.id, audit: audit))
        guard isDone else { throw CommandFailure(.data, "the app \"\(app.slug)\" is not disabled") }
        let enabled = try options.app(slug: app.slug)
        let events = enabled.events.isEmpty ? "no events" : enabled.events.joined(separator: ", ")
        try StandardStreams.writeResult("Enabled \(app.slug), subscribed to \(events).\n")
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

    @OptionGroup var options: DirectoryOptions

    static let maximumReasonByteCount = 500

    func run() throws {
        guard !reason.isEmpty, reason.utf8.count <= Self.maximumReasonByteCount,
            reason.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw CommandFailure(
                .data,
                "--reason: must be one line of 1 to \(Self.maximumReasonByteCount) bytes without control characters")
        }
        let directory = try options.reader()
        let app = try options.app(slug: app.slug)
        let audit = AuditEntry.Draft(event: AuditEntry.appDisabled, by: OperatorName.current(), on: app)
        let isDone = try reportingDirectoryErrors(
            try directory.disable(appID: app.id, reason: reason, audit: audit, notifies: false))
        guard isDone else { throw CommandFailure(.data, "the app \"\(app.slug)\" is already disabled") }
        try StandardStreams.writeResult("Disabled \(app.slug).\n")
    }
}

extension AuditEntry.Draft {
    /// An operator's change of an app in the audit log of the owning organization (docs/protocol.md 7.8).
    init(event: Int, by operatorName: String, on app: SentryApp, at date: Timestamp = .now()) {
        let data = JSONValue.object([JSONValue.Member(name: "name", value: .string(app.name))])
        self.init(
            organizationID: app.ownerID, event: event, actorLabel: operatorName, targetObject: app.ownerID,
            dataJSON: data.compactText, date: date)
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
