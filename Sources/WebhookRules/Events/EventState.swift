package import Buffer
package import Model
package import Queue
package import WireJSON

/// What has become of an event so far: where the queue has it, or, once it has left the queue, what the request log
/// says.
package struct EventState: Hashable, Sendable {
    package enum Name: String, CaseIterable, Sendable {
        /// It waits for a worker with capacity: it is due.
        case waiting
        /// It waits for the time of its next attempt.
        case scheduled
        /// A worker has it.
        case inProgress = "in_progress"
        /// The app has acknowledged it.
        case delivered
        /// It failed and is not retried, and no dead letter was kept.
        case failed
        case deadLetter = "dead_letter"
        /// It was removed without an attempt, because it fails a delivery rule.
        case dropped
        /// Neither the queue nor the log tells.
        case unknown
    }

    package var name: Name
    /// Since when: of `waiting` since when it is due, of `scheduled` the last attempt or, before the first, the
    /// enqueuing; of `in_progress` and `unknown` nil; of the others when that happened.
    package var date: Timestamp?
    /// The number of the attempt that comes, runs or was the last one.
    package var attempt: Int64?
    /// Of `scheduled`.
    package var nextAttempt: Timestamp?
    /// Of a dead letter its reason, of a dropped event the name of the rule; of a failed one the reason in the log, or
    /// the response's status.
    package var reason: String?

    package init(
        _ name: Name, date: Timestamp? = nil, attempt: Int64? = nil, nextAttempt: Timestamp? = nil,
        reason: String? = nil
    ) {
        self.name = name
        self.date = date
        self.attempt = attempt
        self.nextAttempt = nextAttempt
        self.reason = reason
    }

    /// Nil when nothing is known of the event.
    ///
    /// - Parameters:
    ///   - search: made before the log was read: an event that is settled meanwhile has its row by then.
    ///   - attempts: the event's rows, the newest first.
    package init?(_ search: QueueSearch, attempts: [LoggedAttempt]) {
        if let place = search.place {
            self.init(place, newest: attempts.first)
        } else if attempts.isEmpty {
            return nil
        } else if let success = attempts.first(where: \.isSuccess) {
            self.init(.delivered, date: success.date, attempt: success.number)
        } else if search.isComplete, let failure = attempts.first(where: \.tellsOutcome) {
            self.init(
                .failed, date: failure.date, attempt: failure.number,
                reason: failure.reason ?? String(failure.code))
        } else {
            self.init(.unknown)
        }
    }

    /// The same, where details of attempts are kept that the log may have no row of any more.
    ///
    /// - Parameter details: of the event.
    package init?(_ search: QueueSearch, attempts: [LoggedAttempt], details: [AttemptDetails]) {
        let known = Set(attempts.compactMap(\.date))
        let others = details.filter { !known.contains($0.date) }.map { details in
            LoggedAttempt(
                date: details.date, code: details.code, number: Int64(details.attempt), reason: details.reason)
        }
        let oldest = Timestamp(microseconds: .min)
        let all =
            others.isEmpty
            ? attempts : (attempts + others).sorted { $0.date ?? oldest > $1.date ?? oldest }
        self.init(search, attempts: all)
    }

    private init(_ place: QueuePlace, newest: LoggedAttempt?) {
        switch place {
        case .waiting(let entry, let date):
            self.init(.waiting, date: date, attempt: Int64(entry.attempt))
        case .inProgress(let entry):
            self.init(.inProgress, attempt: Int64(entry.attempt))
        case .scheduled(let entry):
            self.init(
                .scheduled, date: newest?.date ?? entry.enqueuedAt, attempt: Int64(entry.attempt),
                nextAttempt: entry.dueAt)
        case .deadLetter(let letter):
            self.init(
                .deadLetter, date: letter.deadLetteredAt, attempt: Int64(letter.entry.attempt), reason: letter.reason)
        case .dropped(let note):
            self.init(.dropped, date: note.date, attempt: Int64(note.attempt), reason: note.reason)
        }
    }

    /// All five members; null where nothing is known.
    package var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return .object([
            .init(name: "name", value: .string(name.rawValue)),
            .init(name: "date", value: text(date?.iso8601Description)),
            .init(name: "attempt", value: attempt.map { .number(String($0)) } ?? .null),
            .init(name: "nextAttempt", value: text(nextAttempt?.iso8601Description)),
            .init(name: "reason", value: text(reason)),
        ])
    }
}
