import Buffer
import Model
import Queue
import WireJSON

/// The redeliveries of an event, as far as the rows of the log or the payload archive know them.
struct RedeliveryList {
    /// By id: when it was enqueued, or, where only the log knows it, when its oldest row is of.
    private var dates: [String: Timestamp]

    init(of id: String, in log: MergedLog, _ record: ArchivedRecord) {
        dates = Dictionary(record.redeliveries.map { ($0.id, $0.date) }) { first, _ in first }
        let wanted = Array("\"\(id)\"".utf8)
        var logged: [String: Timestamp] = [:]
        for entry in log.entries where entry.row.originalID.isPresent && entry.row.requestID.isPresent {
            let bytes = log.pages[entry.page].bytes
            guard bytes[entry.row.originalID.range].elementsEqual(wanted), let date = entry.row.date,
                let redelivery = entry.row.requestID.value(in: bytes)?.string
            else { continue }
            logged[redelivery] = min(logged[redelivery] ?? date, date)
        }
        dates.merge(logged) { archived, _ in archived }
    }

    /// Newest first.
    var objects: [[UInt8]] {
        dates.sorted { ($1.value, $1.key) < ($0.value, $0.key) }.map { id, date in
            var json = JSONObjectWriter()
            json.append("id", text: id)
            json.append("date", text: date.pythonDescription)
            return json.finish()
        }
    }
}
