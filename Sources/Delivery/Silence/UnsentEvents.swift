import Buffer
import Logging
import Model
import Queue
import Redis

/// Notes for each app when an event was accepted and not sent: without one, a silence is one in which no event was
/// accepted.
struct UnsentEvents {
    private let times: LastTimes
    private let context: DeliveryContext
    private var isFailing = false

    init(_ context: DeliveryContext, connection: RedisConnection) {
        self.context = context
        times = LastTimes(connection: connection)
    }

    /// Tried once only: nothing but a diagnosis depends on it.
    mutating func note(_ completions: [Completion]) {
        let now = context.clock.now()
        let unsent = completions.compactMap { completion -> (appID: Int64, date: Timestamp)? in
            switch completion.outcome {
            // An entry that cannot be read names no app.
            case .dropped, .refused:
                completion.delivery.problem == nil ? (completion.delivery.entry.appID, now) : nil
            case .attempted, .putBack: nil
            }
        }
        guard !unsent.isEmpty else { return }
        do {
            try times.noteUnsent(unsent)
            isFailing = false
        } catch {
            if !isFailing {
                context.log.warning("events that were not sent could not be noted", metadata: ["error": "\(error)"])
            }
            isFailing = true
        }
    }
}
