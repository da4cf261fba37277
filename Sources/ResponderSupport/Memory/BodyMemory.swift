import Synchronization
import System

/// The memory that requests with a body may use together: what has arrived of them, and what they are parsed into. Safe
/// to use from many threads.
package final class BodyMemory: Sendable {
    /// What one byte of a body may need until its response is sent, at most: the body, its data as compact ASCII, the
    /// entry of the queue and the command to Redis, where each can be up to three times as long, and arrays that grow.
    package static let bytesPerByte = 16
    /// The same for a directory document, until it is parsed: a process parses one at a time.
    static let bytesPerImportedByte = 2
    /// From this many bytes on, the heap is worth trimming when all of it is free again.
    private static let burst = 1 << 20

    /// `HOOKLINE_BODY_MEMORY_BYTES`.
    package let limit: Int
    /// Bodies that wait for memory.
    private let waiting = Atomic(0)
    private let used = Atomic(0)
    /// The most that was used since the heap was trimmed.
    private let peak = Atomic(0)

    package init(limit: Int) {
        self.limit = limit
    }

    /// What the memory is for. Parameters have some that bodies cannot take, so that a request can at least be refused.
    package enum Use {
        case body
        case head
    }

    /// The longest body for which there can be memory at all.
    package static func longestBody(limit: Int) -> Int { bodyLimit(limit) / bytesPerByte }

    /// The longest directory document for which there can be memory at all.
    static func longestImport(limit: Int) -> Int { bodyLimit(limit) / bytesPerImportedByte }

    /// The least limit with which there can be memory for such a body.
    static func leastLimit(forBody count: Int) -> Int {
        var limit = bytesPerByte * count
        while longestBody(limit: limit) < count { limit += max(1, bytesPerByte * (count - longestBody(limit: limit))) }
        while longestBody(limit: limit - 1) >= count { limit -= 1 }
        return limit
    }

    private static func bodyLimit(_ limit: Int) -> Int { limit - limit / 8 }

    /// Whether bodies wait for memory: then others have to wait, too.
    package var isAwaited: Bool { waiting.load(ordering: .relaxed) > 0 }

    package func beginWait() {
        waiting.add(1, ordering: .relaxed)
    }

    package func endWait() {
        waiting.subtract(1, ordering: .relaxed)
    }

    package var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Takes memory if it is free.
    package func reserve(_ count: Int, for use: Use) -> Bool {
        let total = used.add(count, ordering: .relaxed).newValue
        guard total <= (use == .body ? Self.bodyLimit(limit) : limit) else {
            used.subtract(count, ordering: .relaxed)
            return false
        }
        peak.max(total, ordering: .relaxed)
        return true
    }

    /// Counts memory that is used in any case.
    package func take(_ count: Int) {
        peak.max(used.add(count, ordering: .relaxed).newValue, ordering: .relaxed)
    }

    package func release(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
    }

    /// Whether a burst is over, so that the heap is worth trimming; to be called now and then.
    package func tick() -> Bool {
        guard peak.load(ordering: .relaxed) >= Self.burst, usedBytes == 0 else { return false }
        peak.store(0, ordering: .relaxed)
        return true
    }
}
