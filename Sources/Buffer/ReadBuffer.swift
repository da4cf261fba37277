import Redis

/// What reading a log needs while it lasts: the lists as Redis sends them, where their elements stand, and the merge's
/// own memory. For twenty full lists that is most of a megabyte.
final class ReadBuffer {
    /// More than the lists of one app have, and so many that each array is larger than what the C library takes from a
    /// heap (`M_MMAP_THRESHOLD`, 128 KiB): its pages are its own, count only once they are used, and go back to the
    /// system with it, while arrays that grow in a heap leave holes there.
    private static let expectedElements = 12_000

    /// Where the connection puts the answer.
    var reply: ReplyReader
    var merge = EntryMerge()
    var lists = emptyLists()
    /// The largest answer for which memory is held.
    private(set) var usedBytes = 0

    init(limits: ReplyLimits) {
        reply = ReplyReader(limits: limits, expectedTokens: Self.expectedElements)
    }

    /// To be called after a read: gives back what only an exceptional answer needs.
    func rest() {
        usedBytes = max(usedBytes, reply.bytes.count)
        reply.rest()
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
