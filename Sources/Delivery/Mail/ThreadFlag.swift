import Glibc

/// A sign that one thread gives and others wait for; once given it stays.
///
/// Unchecked because only calls under the mutex reach the value.
final class ThreadFlag: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var value = false

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func set() {
        pthread_mutex_lock(mutex)
        value = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    var isSet: Bool { wait(for: .zero) }

    /// Waits for the sign this long at most; returns whether it has been given.
    func wait(for limit: Duration) -> Bool {
        let end = MonotonicInstant.now().adding(limit).microseconds
        var time = timespec(tv_sec: Int(end / 1_000_000), tv_nsec: Int(end % 1_000_000) * 1000)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !value, limit > .zero, pthread_cond_timedwait(condition, mutex, &time) == 0 {}
        return value
    }
}
