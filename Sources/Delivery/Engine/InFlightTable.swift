import Buffer
import Queue
import System

/// The deliveries that this worker was handed and has not settled, each under a number of its own. Pure.
struct InFlightTable {
    private struct Flight {
        var delivery: QueueDelivery
        /// When Redis last heard that it is worked on.
        var renewed: MonotonicTime
    }

    private var flights: [Flight?] = []
    private var free: [Int] = []
    private(set) var count = 0
    /// Of their payloads.
    private(set) var byteCount = 0

    /// Takes a delivery; returns its ticket.
    mutating func add(_ delivery: QueueDelivery, now: MonotonicTime) -> Int {
        count += 1
        byteCount += delivery.entry.payload.count
        let flight = Flight(delivery: delivery, renewed: now)
        if let ticket = free.popLast() {
            flights[ticket] = flight
            return ticket
        }
        flights.append(flight)
        return flights.count - 1
    }

    func delivery(_ ticket: Int) -> QueueDelivery? { flights[ticket]?.delivery }

    mutating func remove(_ ticket: Int) {
        guard let flight = flights[ticket] else { return }
        flights[ticket] = nil
        free.append(ticket)
        count -= 1
        byteCount -= flight.delivery.entry.payload.count
    }

    /// Notes that an entry already here was handed out to this worker once more, after it had lost it to the visibility
    /// time-out: whoever settles it needs the new lease. False when it is not here.
    mutating func adopt(_ delivery: QueueDelivery, now: MonotonicTime) -> Bool {
        for ticket in flights.indices {
            guard let entry = flights[ticket]?.delivery.entry, entry.id == delivery.entry.id,
                entry.attempt == delivery.entry.attempt
            else { continue }
            flights[ticket] = Flight(delivery: delivery, renewed: now)
            return true
        }
        return false
    }

    /// Those that Redis has not heard of since `moment`; at most `limit`.
    func renewable(before moment: MonotonicTime, limit: Int) -> [(ticket: Int, delivery: QueueDelivery)] {
        var due: [(ticket: Int, delivery: QueueDelivery)] = []
        for ticket in flights.indices {
            guard due.count < limit else { break }
            guard let flight = flights[ticket], flight.renewed < moment else { continue }
            due.append((ticket: ticket, delivery: flight.delivery))
        }
        return due
    }

    /// Notes that Redis was told of these. A ticket that is another delivery's by now does no harm: that is younger.
    mutating func markRenewed(_ tickets: [Int], now: MonotonicTime) {
        for ticket in tickets { flights[ticket]?.renewed = now }
    }
}
