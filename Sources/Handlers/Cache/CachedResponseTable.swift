import Buffer

/// Cached responses by their keys, within a memory limit: the least recently used one is evicted.
struct CachedResponseTable {
    struct Slot {
        var key: ResponseCacheKey
        var response: CachedResponse
        var byteCount: Int
        /// Its index in its app's list.
        var indexInApp = 0
        /// The neighbours in the order of use; -1 = none.
        var newer = -1
        var older = -1
    }

    /// A response larger than this fraction of the limit is not stored: it would evict most of the others.
    static let largestFraction = 8

    let byteLimit: Int
    private(set) var byteCount = 0
    private(set) var evictionCount = 0
    private(set) var slots: [Slot?] = []
    private var freeSlots: [Int] = []
    private var index: [ResponseCacheKey: Int] = [:]
    /// Slots by app: a change concerns one app.
    private(set) var slotsByApp: [Int64: [Int]] = [:]
    private var newest = -1
    private var oldest = -1

    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    var count: Int { index.count }

    /// The response, which becomes the most recently used one.
    mutating func response(for key: ResponseCacheKey) -> CachedResponse? {
        guard let position = index[key] else { return nil }
        if position != newest {
            unlink(position)
            link(position)
        }
        return slots[position]?.response
    }

    mutating func store(_ response: CachedResponse, for key: ResponseCacheKey) {
        remove(key)
        let byteCount = response.byteCount(key: key)
        guard byteCount <= byteLimit / Self.largestFraction else { return }
        while self.byteCount + byteCount > byteLimit, oldest >= 0 {
            remove(at: oldest)
            evictionCount += 1
        }
        var slot = Slot(key: key, response: response, byteCount: byteCount)
        slot.indexInApp = slotsByApp[key.appID]?.count ?? 0
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

    /// Removes a response unless another one has replaced it.
    mutating func remove(_ key: ResponseCacheKey, holding response: CachedResponse) {
        guard let position = index[key], slots[position]?.response === response else { return }
        remove(at: position)
    }

    /// Removes the responses that a change invalidates, and returns their number.
    mutating func remove(changed change: ListChange) -> Int {
        switch change {
        case .everything:
            let count = count
            for slot in slots { slot?.response.markRemoved() }
            self = CachedResponseTable(byteLimit: byteLimit, evictionCount: evictionCount)
            return count
        case .list(let list):
            let positions = (slotsByApp[list.appID] ?? []).filter { position in
                slots[position]?.response.lists.contains { $0.reads(list) } == true
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
        slot.response.markRemoved()
        unlink(position)
        slots[position] = nil
        freeSlots.append(position)
        index[slot.key] = nil
        removeFromApp(slot, at: position)
        byteCount -= slot.byteCount
    }

    /// Takes a slot out of its app's list: the last one moves to its index, so that no other one moves.
    private mutating func removeFromApp(_ slot: Slot, at position: Int) {
        let appID = slot.key.appID
        guard let last = slotsByApp[appID]?.popLast() else { return }
        if last != position {
            slotsByApp[appID]?[slot.indexInApp] = last
            slots[last]?.indexInApp = slot.indexInApp
        } else if slotsByApp[appID]?.isEmpty == true {
            slotsByApp[appID] = nil
        }
    }

    /// Makes a slot the most recently used one.
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
