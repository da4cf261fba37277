import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline audit …`
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show who has changed what.", subcommands: [AuditList.self])
}

/// `hookline audit list`
struct AuditList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the newest entries of the audit log.",
        discussion: """
            Beside a Sentry, these are the entries that Hookline keeps in its own tables: Sentry's own log, where \
            apps that were disabled are, is in its organizations' settings. No entry has a secret.

            Times are dates such as 2024-01-31T12:00:00Z, or ages: 90m, 2h, 3d. Events: \
            \(AuditEntry.events.map(\.name).joined(separator: ", ")), or the number of one that Sentry has written.

            Examples:
              hookline audit list --organization acme --since 7d
              hookline audit list --event client-secret-rotated --event previous-secrets-changed
              hookline audit list --actor alice@acme.example --json | jq -c '[.date, .event, .data]'
            """)

    @Option(help: "Only entries of this organization; its slug.")
    var organization: String?

    @Option(
        help: "Only this event; repeat for several.", completion: .list(AuditEntry.events.map(\.name)))
    var event: [String] = []

    @Option(help: "Only what this actor did: a user name, e-mail address or id, or the name that the list shows.")
    var actor: String?

    @Option(help: "Only entries of then or later.")
    var since: String?

    @OptionGroup var output: ListOutput
    @OptionGroup var limit: LimitOption
    @OptionGroup var options: DirectoryOptions

    /// Entries read at once.
    private static let pageSize = 500

    func run() throws {
        let directory = try options.reader()
        let query = try query(directory)
        var entries: [AuditEntry] = []
        while entries.count < limit.maximum {
            let count = min(Self.pageSize, limit.maximum - entries.count)
            let page = try reportingDirectoryErrors(
                try directory.auditEntries(query, after: entries.last, limit: count))
            entries += page
            guard page.count == count else { break }
        }
        let listing = try AuditTable(entries, directory: directory)
        try output.write(
            entries, json: listing.json, header: ["TIME", "EVENT", "ORGANIZATION", "ACTOR", "WHAT"],
            row: listing.cells)
    }

    private func query(_ directory: any DirectoryDatabase) throws(CommandFailure) -> AuditQuery {
        var query = AuditQuery()
        query.since = try StartArgument.timestamp(option: "--since", since, from: .now())
        if let organization {
            guard let found = try reportingDirectoryErrors(try directory.organization(slug: organization)) else {
                throw CommandFailure(.data, "no such organization: \(organization)")
            }
            query.organizationID = found.id
        }
        if !event.isEmpty {
            query.events = try event.map { text throws(CommandFailure) in
                if let code = AuditEntry.code(ofEvent: text) { return code }
                let names = AuditEntry.events.map(\.name).joined(separator: ", ")
                throw CommandFailure(.data, "--event: unknown event \(text); known: \(names), or a number")
            }
        }
        if let actor {
            var user = try reportingDirectoryErrors(try directory.user(login: actor))
            if user == nil, let id = Int64(actor) { user = try reportingDirectoryErrors(try directory.user(id: id)) }
            query.actor = AuditQuery.Actor(label: actor, userID: user?.id)
        }
        return query
    }
}

/// Entries with the slugs of their organizations.
private struct AuditTable {
    private var slugs: [Int64: String] = [:]

    init(_ entries: [AuditEntry], directory: any DirectoryDatabase) throws(CommandFailure) {
        for id in Set(entries.map(\.organizationID)) {
            slugs[id] = try reportingDirectoryErrors(try directory.organization(id: id))?.slug
        }
    }

    func cells(_ entry: AuditEntry) -> [String] {
        [
            entry.date.truncatedToSeconds.iso8601Description, entry.eventName ?? String(entry.event),
            slugs[entry.organizationID] ?? "-", entry.actorLabel, description(data(entry)),
        ]
    }

    func json(_ entry: AuditEntry) -> JSONValue {
        let text = { (name: String, value: String?) in
            JSONValue.Member(name: name, value: value.map(JSONValue.string) ?? .null)
        }
        let number = { (name: String, value: Int64?) in
            JSONValue.Member(name: name, value: value.map { .integer($0) } ?? .null)
        }
        return .object([
            number("id", entry.id), text("date", entry.date.iso8601Description), text("event", entry.eventName),
            number("event_code", Int64(entry.event)), text("organization", slugs[entry.organizationID]),
            number("organization_id", entry.organizationID), text("actor", entry.actorLabel),
            number("actor_id", entry.actorID), number("target_object", entry.targetObject),
            .init(name: "data", value: data(entry)),
        ])
    }

    private func data(_ entry: AuditEntry) -> JSONValue {
        (try? JSONValue(parsing: Array(entry.dataJSON.utf8))) ?? .null
    }

    /// `Radar: policy standard; header X-Tenant`, `mode replace: 3 rows added`.
    private func description(_ data: JSONValue) -> String {
        guard case .object(let members) = data else { return "-" }
        let facts = members.filter { $0.name != "changes" }.map { member in
            member.name == "name" ? text(member.value) : "\(member.name) \(text(member.value))"
        }
        var changes: [String] = []
        if case .array(let elements)? = data["changes"] { changes = elements.map(text) }
        let all = [facts.joined(separator: ", "), changes.joined(separator: "; ")].filter { !$0.isEmpty }
        return all.isEmpty ? "-" : all.joined(separator: ": ")
    }

    private func text(_ value: JSONValue) -> String { value.string ?? value.compactText }
}
