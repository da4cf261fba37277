package import Model
package import Redis

/// Everything that the archive has of one event.
package struct ArchivedRecord: Hashable, Sendable {
    /// A redelivery of the event.
    package struct Redelivery: Hashable, Sendable {
        /// The id of the event that it is.
        package var id: String
        /// When it was enqueued.
        package var date: Timestamp

        package init(id: String, date: Timestamp) {
            self.id = id
            self.date = date
        }
    }

    /// Nil when it is unknown or has expired.
    package var event: ArchivedEvent?
    /// The attempts of which details are kept, newest first.
    package var attempts: [AttemptDetails]
    /// In any order.
    package var redeliveries: [Redelivery]

    package init(event: ArchivedEvent? = nil, attempts: [AttemptDetails] = [], redeliveries: [Redelivery] = []) {
        self.event = event
        self.attempts = attempts
        self.redeliveries = redeliveries
    }

    /// Parses names and values of an event's hash. Damaged details count as not kept.
    init(id: String, appID: Int64, _ values: [ReplyValue]) {
        self.init(event: ArchivedEvent(id: id, appID: appID, fields: FieldReader(values)))
        guard event != nil else { return }
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            guard let name = values[index].string else { continue }
            if name.hasPrefix(ArchiveKeys.attemptPrefix) {
                guard case .text(let bytes) = values[index + 1], let details = AttemptDetails(storedBytes: bytes)
                else { continue }
                attempts.append(details)
            } else if name.hasPrefix(ArchiveKeys.redeliveryPrefix), let time = values[index + 1].number {
                redeliveries.append(
                    Redelivery(
                        id: String(name.dropFirst(ArchiveKeys.redeliveryPrefix.count)), date: Timestamp(clamping: time))
                )
            }
        }
        attempts.sort { ($1.date, $1.attempt) < ($0.date, $0.attempt) }
    }
}

extension PayloadArchive {
    /// The event with what is kept of its attempts and redeliveries. One round trip.
    package func record(id: String, appID: Int64) throws(RedisError) -> ArchivedRecord {
        let key = ArchiveKeys(appID: appID).event(id)
        var request = RedisRequest()
        request.append("HGETALL", key)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        return ArchivedRecord(id: id, appID: appID, try reply.list(key: key))
    }
}
