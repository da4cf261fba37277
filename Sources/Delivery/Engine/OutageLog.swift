/// Which parts of the worker cannot reach what they need. Tells the changes, so that each is logged once. Pure.
struct OutageLog: Hashable {
    /// What is out of reach, as the log names it.
    enum Resource: String, CaseIterable {
        case redis, directory
    }

    /// Who notices.
    enum Part: Hashable {
        case receiving, recording, housekeeping
    }

    enum Change: Hashable {
        case began
        /// All parts reach it again.
        case ended
    }

    private var failing: [Resource: Set<Part>] = [:]

    /// What changes when a part fails or succeeds; nil = nothing that was not known.
    mutating func note(_ resource: Resource, _ part: Part, isFailing: Bool) -> Change? {
        guard isFailing || failing[resource] != nil else { return nil }
        var parts = failing[resource] ?? []
        let wasEmpty = parts.isEmpty
        if isFailing { parts.insert(part) } else { parts.remove(part) }
        failing[resource] = parts.isEmpty ? nil : parts
        if wasEmpty { return parts.isEmpty ? nil : .began }
        return parts.isEmpty ? .ended : nil
    }
}
