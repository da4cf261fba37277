/// Bounds of a `CachedDirectory`.
package struct DirectoryCacheLimits: Sendable {
    /// How long an answer counts, in seconds; 0 turns the cache off.
    package var secondsToLive: Int
    /// So many answers are kept for each kind of question.
    package var entryLimit: Int
    /// Longer names are looked up every time: keys come from clients and must not fill the memory.
    package var keyByteLimit: Int

    /// Whether that there is none is an answer to remember, too. Without it, what is new is seen at once.
    package var remembersAbsence: Bool

    package init(
        secondsToLive: Int = 5, entryLimit: Int = 1024, keyByteLimit: Int = 256, remembersAbsence: Bool = true
    ) {
        self.secondsToLive = secondsToLive
        self.entryLimit = entryLimit
        self.keyByteLimit = keyByteLimit
        self.remembersAbsence = remembersAbsence
    }
}
