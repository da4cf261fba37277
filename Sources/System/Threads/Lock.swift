public import Glibc

/// A value that one thread at a time may use.
///
/// Uses a POSIX mutex and not `Synchronization.Mutex`, because ThreadSanitizer knows only the former: with the latter
/// it reports every use of the value as a race. Unchecked because only `withLock` reaches the value, and what it
/// returns of the value is `Sendable`. Public and inlinable, because each request takes a dozen, and an unspecialized
/// call costs more than the lock: into other modules the compiler inlines nothing that is `package`.
public final class Lock<Value: Sendable>: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    /// Behind a pointer to avoid Swift's check for overlapping access to an object's property: the mutex excludes it.
    @usableFromInline let value: UnsafeMutablePointer<Value>

    package init(_ initial: sending Value) {
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Runs `body` alone with the value. Must not be nested.
    @inlinable public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }
}
