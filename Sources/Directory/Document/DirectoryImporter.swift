import Model

/// One import: removes the rows that the document replaces, then inserts its rows and collects the problems.
///
/// Removing before inserting lets rows exchange their slugs. SQLite checks references at the end of the transaction;
/// the importer checks them earlier, to name the field of the document.
final class DirectoryImporter {
    let database: SQLiteDatabase
    let now: Timestamp
    /// The first problems.
    private(set) var problems: [DocumentProblem] = []
    /// The count of all problems.
    private(set) var problemCount = 0
    /// Values of the replaced rows, for rows of the document that leave them open.
    var remembered = Remembered()

    private let problemLimit: Int
    /// Ids of the document's rows by table, those of rejected rows included.
    private var documentIDs: [String: Set<Int64>] = [:]
    private var firstPaths: [String: String] = [:]

    struct Remembered {
        var appDates: [Int64: Timestamp] = [:]
        var componentsByApp: [Int64: [SentryAppComponent]] = [:]
        /// Disabled apps: when and why they were disabled.
        var disablements: [Int64: (date: Timestamp, reason: String)] = [:]
        var previousSecrets: [Int64: [SentryApp.PreviousSecret]] = [:]
        var installationDates: [Int64: Timestamp] = [:]
        var tokens: [String: (id: Int64, dateAdded: Timestamp)] = [:]
        var lastComponentID: Int64 = 0
        var lastTokenID: Int64 = 0
    }

    init(database: SQLiteDatabase, now: Timestamp, problemLimit: Int) {
        self.database = database
        self.now = now
        self.problemLimit = problemLimit
    }

    func run(_ document: DirectoryDocument, isReplacing: Bool) throws(SQLiteError) {
        try database.execute("PRAGMA defer_foreign_keys = ON")
        try remember(document)
        try remove(document, everything: isReplacing)

        documentIDs["organizations"] = Set(document.organizations.map(\.id))
        documentIDs["users"] = Set(document.users.map(\.id))
        documentIDs["apps"] = Set(document.apps.map(\.app.id))
        documentIDs["installations"] = Set(document.installations.map(\.installation.id))
        documentIDs["projects"] = Set(document.projects.map(\.id))

        try insert(document.organizations, "organizations", insertOrganization)
        try insert(document.users, "users", insertUser)
        try insert(document.memberships, "memberships", insertMembership)
        try insert(document.apps, "apps", insertApp)
        try insert(document.installations, "installations", insertInstallation)
        try insert(document.projects, "projects", insertProject)
        try insert(document.serviceHooks, "service_hooks", insertServiceHook)
        try insert(document.issueEvents, "events", insertIssueEvent)
        try insert(document.tokens, "tokens", insertToken)
        try insert(document.auditEntries, "audit_entries", insertAuditEntry)
        try removeStaleRows()
    }

    /// Adds a problem; those beyond the limit are only counted.
    func report(_ path: String, _ message: String) {
        problemCount += 1
        if problems.count < problemLimit { problems.append(DocumentProblem(path: path, message: message)) }
    }

    /// Whether `table` has the row that the field at `path` refers to; reports a problem if not.
    func checkReference(_ id: Int64, table: String, path: String) throws(SQLiteError) -> Bool {
        if documentIDs[table]?.contains(id) == true { return true }
        if try database.integer("SELECT 1 FROM \(table) WHERE id = ?1", .integer(id)) != nil { return true }
        report(path, "there is no \(singular(table)) \(id)")
        return false
    }

    /// Whether no other row of the document or the directory has this key; reports a problem if one has.
    ///
    /// - Parameters:
    ///   - what: the key's name in the message: `the slug "acme"`.
    ///   - columns: the columns that make up the key, with their values.
    func checkUnique(
        _ what: String, table: String, columns: [(name: String, value: SQLiteValue)], path: String
    ) throws(SQLiteError) -> Bool {
        let key = "\(table) " + columns.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        if let first = firstPaths[key] {
            report(path, "\(what) is used by \(first) already")
            return false
        }
        let condition = columns.enumerated().map { "\($1.name) = ?\($0 + 1)" }.joined(separator: " AND ")
        let isTaken = try database.withStatement("SELECT 1 FROM \(table) WHERE \(condition)") {
            row throws(SQLiteError) in
            try row.bind(columns.map(\.value))
            return try row.step()
        }
        if isTaken {
            report(path, "\(what) is used by another \(singular(table)) in the directory")
            return false
        }
        firstPaths[key] = path
        return true
    }

    private func insert<Row>(
        _ rows: [Row], _ name: String, _ insertRow: (Row, String) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        for (index, row) in rows.enumerated() {
            try insertRow(row, "\(name)[\(index)]")
        }
    }

    private func singular(_ table: String) -> String {
        switch table {
        case "audit_entries": "audit entry"
        case "api_tokens": "token"
        case "issue_events": "issue event"
        default: String(table.dropLast()).split(separator: "_").joined(separator: " ")
        }
    }
}
