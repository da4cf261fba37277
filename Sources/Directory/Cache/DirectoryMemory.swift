import Model

/// Decides between a remembered answer and a look-up, and measures the latter.
///
/// Apart from the directory that is asked: what knows only keys and values is compiled for each pair of them, while a
/// generic directory's methods would find out about them anew at each call.
struct DirectoryMemory: Sendable {
    let limits: DirectoryCacheLimits
    let clock: WallClock
    private let timer = LookUpTimer()

    init(limits: DirectoryCacheLimits, clock: WallClock) {
        self.limits = limits
        self.clock = clock
    }

    /// Time spent so far in look-ups, in microseconds; of all threads together.
    var lookUpMicroseconds: Int64 { timer.microseconds }

    /// Looks up what is not to be remembered.
    func lookUp<Value>(_ question: () throws(DirectoryError) -> Value) throws(DirectoryError) -> Value {
        try timer.measure(question)
    }

    /// The remembered answer, else that of `lookUp`, which is then remembered.
    ///
    /// - Parameter name: the text in the key, whose length is bounded.
    func answer<Key, Value>(
        _ cache: TimedCache<Key, Value>, _ key: Key, name: String = "", lookUp: () throws(DirectoryError) -> Value
    ) throws(DirectoryError) -> Value {
        guard limits.secondsToLive > 0, name.utf8.count <= limits.keyByteLimit else { return try timer.measure(lookUp) }
        // Taken before looking up, so that an answer never counts longer than it says.
        let now = clock.now()
        if let value = cache.value(for: key, at: now) { return value }
        let removalCount = cache.removalCount
        let value = try timer.measure(lookUp)
        if !limits.remembersAbsence, (value as? any PossiblyAbsent)?.isAbsent == true { return value }
        cache.store(value, for: key, at: now, ifNothingRemovedSince: removalCount)
        return value
    }
}

/// An answer that may say that there is none.
private protocol PossiblyAbsent {
    var isAbsent: Bool { get }
}

extension Optional: PossiblyAbsent {
    fileprivate var isAbsent: Bool {
        if case .none = self { true } else { false }
    }
}
