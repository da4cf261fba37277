import Buffer
import Directory
import Model
import WebhookRules

extension MergedLog {
    /// Keeps the rows that contain a text.
    ///
    /// Fails with 503 when Redis or the directory is unavailable.
    ///
    /// - Parameter events: those that the rows' `eventIndex` counts through.
    /// - Returns: the number of rows of which only a part was searched; see `LogSearch.Found`.
    mutating func keepRows(
        with text: SearchText, events: [EventType], of app: SentryApp, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> Int {
        var organizations: [Int64: [String]] = [:]
        var rows: [LogSearch.Row] = []
        rows.reserveCapacity(entries.count)
        for entry in entries {
            let bytes = pages[entry.page].bytes
            var row = LogSearch.Row(entry.row, in: bytes, event: events[entry.row.eventIndex])
            if let id = bytes.span.integer(entry.row.organizationID) {
                if organizations[id] == nil {
                    let organization = try orUnavailable(context.directory.organization(id: id))
                    organizations[id] = organization.map { [$0.name, $0.slug] } ?? []
                }
                row.organization = organizations[id] ?? []
            }
            rows.append(row)
        }
        let dependencies = context.dependencies
        let search = LogSearch(text, names: dependencies.diagnosis.plan.names)
        let archive = dependencies.eventLimits.payloadSeconds > 0 ? dependencies.payloads : nil
        let found = try orUnavailable(
            HTTPFailure.payloadsUnavailable, search.found(in: rows, appID: app.id, archive: archive))
        keepEntries(found.isMatch)
        return found.partlySearchedCount
    }
}
