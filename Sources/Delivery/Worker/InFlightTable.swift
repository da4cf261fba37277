import Queue
import System

/// The deliveries that this worker has received and not settled, each under a handle. Pure.
struct InFlightTable {
    private struct Entry {
        var delivery: QueueDelivery
        /// When the lease was last renewed.
        var renewed: MonotonicTime
        /// Whether it could not be renewed, because the entry was given to another worker.
        var isLost = false
    }

    private var entries: [Entry?] = []
    private var freeHandles: [Int] = []
    private(set) var count = 0
    /// Size of the payloads together.
    private(set) var byteCount = 0
    /// Whether nothing more is received, because an entry is to be taken alone.
    var isReserved = false
    /// Whether the receiving thread has a read under way, or dispatches what it read.
    var isReceiving = false

    /// Whether there is nothing that the end of this process would interrupt.
    var isIdle: Bool { count == 0 && !isReceiving }

    /// Adds a delivery; returns its handle.
    mutating func add(_ delivery: QueueDelivery, now: MonotonicTime) -> Int {
        count += 1
        byteCount += delivery.entry.payload.count
        let entry = Entry(delivery: delivery, renewed: now)
        if let handle = freeHandles.popLast() {
            entries[handle] = entry
            return handle
        }
        entries.append(entry)
        return entries.count - 1
    }

    /// All of them.
    var deliveries: [QueueDelivery] { entries.compactMap { $0?.delivery } }

    func delivery(_ handle: Int) -> QueueDelivery? { entries[handle]?.delivery }

    mutating func remove(_ handle: Int) {
        guard let entry = entries[handle] else { return }
        entries[handle] = nil
        freeHandles.append(handle)
        count -= 1
        byteCount -= entry.delivery.entry.payload.count
    }

    /// Replaces the lease of an entry that was delivered to this worker again because its visibility timeout had
    /// passed: it can only be settled with the new lease. False when the entry is not in the table.
    mutating func adopt(_ delivery: QueueDelivery, now: MonotonicTime) -> Bool {
        for handle in entries.indices {
            guard let entry = entries[handle]?.delivery.entry, entry.id == delivery.entry.id,
                entry.attempt == delivery.entry.attempt
            else { continue }
            entries[handle] = Entry(delivery: delivery, renewed: now)
            return true
        }
        return false
    }

    /// Deliveries whose lease was last renewed before `moment`; at most `limit`.
    func renewable(before moment: MonotonicTime, limit: Int) -> [(handle: Int, delivery: QueueDelivery)] {
        var due: [(handle: Int, delivery: QueueDelivery)] = []
        for handle in entries.indices {
            guard due.count < limit else { break }
            guard let entry = entries[handle], entry.renewed < moment else { continue }
            due.append((handle: handle, delivery: entry.delivery))
        }
        return due
    }

    /// What is known about a lease without asking Redis.
    enum Lease: Hashable {
        case held
        /// It was not renewed for as long as another worker waits.
        case doubtful
        case lost
    }

    /// - Parameter moment: a lease that was last renewed before it is doubtful.
    func lease(_ handle: Int, renewedBefore moment: MonotonicTime) -> Lease {
        guard let entry = entries[handle] else { return .held }
        return entry.isLost ? .lost : entry.renewed < moment ? .doubtful : .held
    }

    /// Notes that the lease of a delivery is lost, unless the delivery was settled meanwhile.
    mutating func markLost(_ handle: Int, _ delivery: QueueDelivery) {
        guard entries[handle]?.delivery == delivery else { return }
        entries[handle]?.isLost = true
    }

    /// Notes that leases were renewed. A handle that has been reused meanwhile does no harm: its lease is younger.
    mutating func markRenewed(_ handles: [Int], now: MonotonicTime) {
        for handle in handles { entries[handle]?.renewed = now }
    }
}
