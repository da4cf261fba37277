import Model
package import Redis
import System

/// The read buffers of a program's threads: one for each concurrent read, not one for each thread.
///
/// A released buffer is kept while recent intervals needed as many at the same time. The buffers of a sudden burst
/// beyond that are freed at once, so that memory use returns to its earlier level.
package final class ReadBufferPool: Sendable {
    private struct Content {
        var idle: [ReadBuffer] = []
        var inUse = 0
        /// The maximum in use since the last tick, and in the interval before that.
        var highest = 0
        var highestBefore = 0
        /// The number to keep until the next tick, in use or idle.
        var target = ReadBufferPool.kept
        /// Whether buffers were freed since a tick reported it.
        var hasShrunk = false

        /// Removes a buffer that is not worth keeping: the one with the least memory, which a later read would make
        /// grow.
        mutating func removeSurplus() -> ReadBuffer? {
            guard idle.count > max(ReadBufferPool.kept, target - inUse) else { return nil }
            hasShrunk = true
            return idle.indices.min { idle[$0].usedBytes < idle[$1].usedBytes }.map { idle.remove(at: $0) }
        }
    }

    /// The number of buffers kept without any reads: enough for consecutive reads.
    static let kept = 1

    private let limits: ReplyLimits
    private let content = Lock(Content())

    /// - Parameter limits: of the replies that are read.
    package init(limits: ReplyLimits = .requestLog) {
        self.limits = limits
    }

    /// The number of buffers, in use or idle.
    package var count: Int { content.withLock { $0.idle.count + $0.inUse } }

    /// A buffer for one read, to be released after it: the one released last.
    func acquire() -> ReadBuffer {
        let buffer = content.withLock { content in
            content.inUse += 1
            content.highest = max(content.highest, content.inUse)
            return content.idle.popLast()
        }
        return buffer ?? ReadBuffer(limits: limits)
    }

    func release(_ buffer: ReadBuffer) {
        buffer.reset()
        // The result is freed outside the lock.
        _ = content.withLock { content in
            content.inUse -= 1
            content.idle.append(buffer)
            return content.removeSurplus()
        }
    }

    /// Frees what was not needed during the last two intervals; to be called about every tenth of a second.
    ///
    /// - Returns: whether a burst is over: there were concurrent reads, and for a whole interval there were none. The
    ///   heap is worth trimming then, too.
    package func tick() -> Bool {
        let isQuiet = content.withLock { content in
            let isQuiet = content.highest <= Self.kept
            content.target = max(Self.kept, content.highest, content.highestBefore)
            content.highestBefore = content.highest
            content.highest = content.inUse
            return isQuiet
        }
        while content.withLock({ $0.removeSurplus() }) != nil {}
        guard isQuiet else { return false }
        return content.withLock { content in
            defer { content.hasShrunk = false }
            return content.hasShrunk
        }
    }
}

/// The buffers of one read: the lists as Redis sends them, the ranges of their elements, and those of the merge. For
/// twenty full lists that is most of a megabyte.
///
/// Unchecked because one thread at a time has it: `ReadBufferPool.acquire` removes it from the idle ones under the
/// lock, and its reader does not use it after `release`.
final class ReadBuffer: @unchecked Sendable {
    /// More than the lists of one app have, and so large that the C library maps each array by itself
    /// (`M_MMAP_THRESHOLD`, 128 KiB): its pages count only once they are used and are unmapped with it, while arrays
    /// that grow in the heap fragment it.
    private static let expectedElements = 12_000

    /// Receives the replies.
    var reply: ReplyReader
    var merge = EntryMerge()
    var lists = emptyLists()
    /// The largest reply for which memory is held.
    private(set) var usedBytes = 0

    init(limits: ReplyLimits) {
        reply = ReplyReader(limits: limits, expectedTokens: Self.expectedElements)
    }

    /// Frees what only an exceptionally large reply needs; to be called after each read.
    func reset() {
        usedBytes = max(usedBytes, reply.bytes.count)
        reply.reset()
        if reply.bytes.capacity == 0 { usedBytes = 0 }
        if lists.elements.capacity > 2 * Self.expectedElements {
            lists = Self.emptyLists()
            merge = EntryMerge()
        }
    }

    private static func emptyLists() -> EntryMerge.Lists {
        var lists = EntryMerge.Lists()
        lists.elements.reserveCapacity(expectedElements)
        return lists
    }
}

extension ReplyLimits {
    /// Limits of a read of the log: a longer element is skipped and counted, and lists that are larger together are
    /// refused.
    ///
    /// An element that Hookline or the original writes has some kilobytes: headers, and bodies of 1024 characters.
    package static let requestLog = ReplyLimits(maximumElementBytes: 128 << 10, maximumReplyBytes: 16 << 20)
}
