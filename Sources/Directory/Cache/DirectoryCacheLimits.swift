/// Bounds of a `CachedDirectory`.
package struct DirectoryCacheLimits: Sendable {
    /// How long an answer counts, in seconds; 0 turns the cache off.
    package var secondsToLive: Int
    /// So many answers are kept for each kind of question.
    package var entryLimit: Int
    /// Longer names are looked up every time: keys come from clients and must not fill the memory.
    package var keyByteLimit: Int

    package init(secondsToLive: Int = 5, entryLimit: Int = 1024, keyByteLimit: Int = 256) {
        self.secondsToLive = secondsToLive
        self.entryLimit = entryLimit
        self.keyByteLimit = keyByteLimit
    }
}
