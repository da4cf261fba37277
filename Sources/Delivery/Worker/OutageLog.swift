/// Which of the worker's loops cannot reach which resource. Reports changes only, so that each is logged once. Pure.
struct OutageLog: Hashable {
    /// The raw value is the name in the log.
    enum Resource: String, CaseIterable {
        case redis, directory
    }

    enum Loop: Hashable {
        case receiving, recording, housekeeping
    }

    enum Change: Hashable {
        case began
        /// All loops reach the resource again.
        case ended
    }

    private var failing: [Resource: Set<Loop>] = [:]

    /// What changes when a loop fails or succeeds; nil = nothing.
    mutating func note(_ resource: Resource, _ loop: Loop, isFailing: Bool) -> Change? {
        guard isFailing || failing[resource] != nil else { return nil }
        var loops = failing[resource] ?? []
        let wasEmpty = loops.isEmpty
        if isFailing { loops.insert(loop) } else { loops.remove(loop) }
        failing[resource] = loops.isEmpty ? nil : loops
        if wasEmpty { return loops.isEmpty ? nil : .began }
        return loops.isEmpty ? .ended : nil
    }
}

/// Exponential backoff: the pause of a loop after a failure doubles with each further one. Pure.
struct Backoff: Hashable {
    let shortest: Duration
    let longest: Duration
    /// The pause after the last failure; nil when there was none since the last success.
    private(set) var pause: Duration?

    init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(1)) {
        self.shortest = shortest
        self.longest = longest
    }

    /// The pause after one more failure.
    @discardableResult
    mutating func next() -> Duration {
        let next = pause.map { min($0 * 2, longest) } ?? min(shortest, longest)
        pause = next
        return next
    }

    /// Notes a success.
    mutating func reset() {
        pause = nil
    }
}
