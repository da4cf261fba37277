import System

/// The apps that are to be disabled as soon as the directory can be written, as far as this worker knows: those it has
/// noted itself, and those that Redis held when it last looked. Nothing more is sent to them.
final class PendingApps: Sendable {
    private struct State {
        var ids: Set<Int64> = []
        /// Those added since `takeAdded`.
        var added: Set<Int64> = []
    }

    private let state = Lock(State())

    func contains(_ id: Int64) -> Bool { state.withLock { $0.ids.contains(id) } }

    /// Adds apps that this worker has noted.
    func add(_ ids: Set<Int64>) {
        state.withLock { state in
            state.ids.formUnion(ids)
            state.added.formUnion(ids)
        }
    }

    /// Whether any were added since the last call.
    func takeAdded() -> Bool {
        state.withLock { state in
            defer { state.added = [] }
            return !state.added.isEmpty
        }
    }

    /// Replaces what was known before the last `takeAdded`.
    func replace(with ids: Set<Int64>) {
        state.withLock { $0.ids = ids.union($0.added) }
    }
}
