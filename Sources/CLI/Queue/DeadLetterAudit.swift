import Directory
import Management
import Model
import Queue

/// The entries of the audit log about dead letters that a command is to delete: one for each app. They are written
/// before: what cannot be logged is not deleted.
struct DeadLetterAudit {
    private let options: DirectoryOptions
    private var counts: [Int64: Int] = [:]
    /// Where the command names one.
    private var id: String?

    /// Stands for no organization: of apps that the directory does not have any more.
    private static let noOrganization: Int64 = 0

    /// Counts the dead letters of a selection by app.
    ///
    /// - Parameter appID: only those of this app.
    init(
        _ selection: DeadLetterSelection, appID: Int64?, in queue: DeliveryQueue, options: DirectoryOptions
    ) throws(CommandFailure) {
        self.options = options
        if let appID {
            let count = try reportingRedisErrors(try queue.deadLetterSummary(appID: appID)).count
            if count > 0 { counts[appID] = count }
        } else if selection.all {
            var cursor: DeadLetterPage.Cursor?
            repeat {
                let page = try reportingRedisErrors(try queue.deadLetters(after: cursor))
                for letter in page.letters { counts[letter.entry.appID, default: 0] += 1 }
                cursor = page.next
            } while cursor != nil
        } else {
            let ids = Set(selection.ids)
            if ids.count == 1 { id = ids.first }
            for id in ids {
                guard let letter = try reportingRedisErrors(try queue.deadLetter(id: id)) else { continue }
                counts[letter.entry.appID, default: 0] += 1
            }
        }
    }

    func record() throws(CommandFailure) {
        guard !counts.isEmpty else { return }
        let directory = try options.reader()
        let now = Timestamp.now()
        for (appID, count) in counts.sorted(by: { $0.key < $1.key }) {
            let app =
                try reportingDirectoryErrors(try directory.app(id: appID))
                ?? SentryApp(
                    id: appID, slug: "", name: "app \(appID)", ownerID: Self.noOrganization, status: .internal, uuid: ""
                )
            let audit = AuditEntry.Draft.deadLettersDeleted(
                count: count, id: id, of: app, by: .currentOperator, at: now)
            try reportingDirectoryErrors(try directory.record(audit))
        }
    }
}
