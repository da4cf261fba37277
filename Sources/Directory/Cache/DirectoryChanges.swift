import Synchronization

/// Counts the changes that this process has made in a directory. Shared by all caches in front of it, so that each of
/// them knows what was found before a change for what it is.
package final class DirectoryChanges: Sendable {
    private let number = Atomic(0)

    package init() {}

    /// So far. Taken before a question is asked, it tells later whether the answer may be from before a change.
    var count: Int { number.load(ordering: .acquiring) }

    /// To be called when a change is made, or may have been.
    func note() {
        number.add(1, ordering: .acquiringAndReleasing)
    }
}
