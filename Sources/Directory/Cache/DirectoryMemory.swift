import Model

/// Decides between a remembered answer and a look-up, and measures the latter.
///
/// Apart from the directory that is asked: what knows only keys and values is compiled for each pair of them, while a
/// generic directory's methods would find out about them anew at each call.
struct DirectoryMemory: Sendable {
    let limits: DirectoryCacheLimits
    let clock: WallClock
    private let changes: DirectoryChanges
    private let timer: LookUpTimer
    private let epochs: MemoryEpochs

    /// - Parameters:
    ///   - epochs: told by the caches whose answers an epoch is about.
    init(
        limits: DirectoryCacheLimits, clock: WallClock, changes: DirectoryChanges, epochs: MemoryEpochs
    ) {
        self.limits = limits
        self.clock = clock
        self.changes = changes
        self.epochs = epochs
        timer = LookUpTimer()
    }

    /// As `Directory.epoch`.
    var epoch: Int? {
        limits.secondsToLive > 0 ? epochs.number(at: clock.now(), change: changes.count) : nil
    }

    /// Time spent so far in look-ups, in microseconds; of all threads that use it.
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
        guard limits.secondsToLive > 0, name.utf8.count <= limits.keyByteLimit else {
            cache.passOver()
            return try timer.measure(lookUp)
        }
        // Taken before looking up, so that an answer never counts longer than it says.
        let (now, change) = (clock.now(), changes.count)
        if let value = cache.value(for: key, at: now, change: change) { return value }
        let value = try timer.measure(lookUp)
        if !limits.remembersAbsence, (value as? any PossiblyAbsent)?.isAbsent == true {
            cache.passOver()
            return value
        }
        cache.store(value, for: key, at: now, change: change)
        return value
    }

    /// Changes the directory, after which nothing counts that was found before: also when the change was another's, or
    /// its outcome is unknown. All caches that share the changes see this at once.
    func change<Value>(_ work: () throws(DirectoryError) -> Value) throws(DirectoryError) -> Value {
        defer { changes.note() }
        return try timer.measure(work)
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
