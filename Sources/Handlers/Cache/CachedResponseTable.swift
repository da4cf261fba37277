import Buffer

/// Answers by what they answer, in a bounded piece of memory: what was not asked for the longest makes way.
struct CachedResponseTable {
    struct Slot {
        var key: ResponseCacheKey
        var answer: CachedResponse
        var byteCount: Int
        /// Where it stands in its app's list.
        var placeInApp = 0
        /// Neighbours in the order of use; -1 = none.
        var newer = -1
        var older = -1
    }

    /// Larger answers are not kept: one would push out most of the others.
    static let largestShare = 8

    let byteLimit: Int
    private(set) var byteCount = 0
    private(set) var evictionCount = 0
    private(set) var slots: [Slot?] = []
    private var freeSlots: [Int] = []
    private var index: [ResponseCacheKey: Int] = [:]
    /// Slots by app: a change is one app's.
    private(set) var slotsByApp: [Int64: [Int]] = [:]
    private var newest = -1
    private var oldest = -1

    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    var count: Int { index.count }

    /// The answer, which counts as used now.
    mutating func answer(for key: ResponseCacheKey) -> CachedResponse? {
        guard let position = index[key] else { return nil }
        if position != newest {
            unlink(position)
            link(position)
        }
        return slots[position]?.answer
    }

    mutating func store(_ answer: CachedResponse, for key: ResponseCacheKey) {
        remove(key)
        let byteCount = answer.byteCount(key: key)
        guard byteCount <= byteLimit / Self.largestShare else { return }
        while self.byteCount + byteCount > byteLimit, oldest >= 0 {
            remove(at: oldest)
            evictionCount += 1
        }
        var slot = Slot(key: key, answer: answer, byteCount: byteCount)
        slot.placeInApp = slotsByApp[key.appID]?.count ?? 0
        let position: Int
        if let free = freeSlots.popLast() {
            position = free
            slots[free] = slot
        } else {
            position = slots.count
            slots.append(slot)
        }
        index[key] = position
        slotsByApp[key.appID, default: []].append(position)
        self.byteCount += byteCount
        link(position)
    }

    mutating func remove(_ key: ResponseCacheKey) {
        if let position = index[key] { remove(at: position) }
    }

    /// Removes an answer unless another has taken its place.
    mutating func remove(_ key: ResponseCacheKey, holding answer: CachedResponse) {
        guard let position = index[key], slots[position]?.answer === answer else { return }
        remove(at: position)
    }

    /// Removes the answers that a change makes wrong; how many that were.
    mutating func remove(changed change: ListChange) -> Int {
        switch change {
        case .everything:
            let count = count
            for slot in slots { slot?.answer.leave() }
            self = CachedResponseTable(byteLimit: byteLimit, evictionCount: evictionCount)
            return count
        case .list(let list):
            let positions = (slotsByApp[list.appID] ?? []).filter { position in
                slots[position]?.answer.lists.contains { $0.reads(list) } == true
            }
            for position in positions { remove(at: position) }
            return positions.count
        }
    }

    private init(byteLimit: Int, evictionCount: Int) {
        self.byteLimit = byteLimit
        self.evictionCount = evictionCount
    }

    private mutating func remove(at position: Int) {
        guard let slot = slots[position] else { return }
        slot.answer.leave()
        unlink(position)
        slots[position] = nil
        freeSlots.append(position)
        index[slot.key] = nil
        leaveApp(slot, at: position)
        byteCount -= slot.byteCount
    }

    /// Takes a slot out of its app's list: the last one gets its place, so that no other moves however many there are.
    private mutating func leaveApp(_ slot: Slot, at position: Int) {
        let appID = slot.key.appID
        guard let last = slotsByApp[appID]?.popLast() else { return }
        if last != position {
            slotsByApp[appID]?[slot.placeInApp] = last
            slots[last]?.placeInApp = slot.placeInApp
        } else if slotsByApp[appID]?.isEmpty == true {
            slotsByApp[appID] = nil
        }
    }

    /// Puts a slot in front.
    private mutating func link(_ position: Int) {
        slots[position]?.newer = -1
        slots[position]?.older = newest
        if newest >= 0 { slots[newest]?.newer = position }
        newest = position
        if oldest < 0 { oldest = position }
    }

    private mutating func unlink(_ position: Int) {
        guard let slot = slots[position] else { return }
        if slot.newer >= 0 { slots[slot.newer]?.older = slot.older } else { newest = slot.older }
        if slot.older >= 0 { slots[slot.older]?.newer = slot.newer } else { oldest = slot.newer }
    }
}
