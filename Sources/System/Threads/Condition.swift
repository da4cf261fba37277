import Glibc

/// A value that one thread at a time may use, and for whose changes threads can wait.
///
/// Unchecked for the same reason as `Lock`: only the calls below reach the value and `waiterCount`, with the mutex, and
/// what they return of the value is `Sendable`.
package final class Condition<Value: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value
    private var waiterCount = 0

    package init(_ value: sending Value) {
        self.value = value
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

    /// Runs `body` alone with the value. Must not be nested.
    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }

    /// As `withLock`; when `body` returns true, waiting threads examine the value again.
    package func change(_ body: (inout Value) -> Bool) {
        pthread_mutex_lock(mutex)
        let mustWake = body(&value) && waiterCount > 0
        pthread_mutex_unlock(mutex)
        // After that: a thread that wakes needs the mutex at once.
        if mustWake { pthread_cond_broadcast(condition) }
    }

    /// Waits until `body` returns a result; nil when it has not by `deadline`. `body` is called at once and after each
    /// change.
    package func wait<Result>(until deadline: MonotonicTime, _ body: (inout Value) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var limit = timespec(
            tv_sec: Int(deadline.microseconds / 1_000_000), tv_nsec: Int(deadline.microseconds % 1_000_000) * 1000)
        while true {
            if let result = body(&value) { return result }
            waiterCount += 1
            let code = pthread_cond_timedwait(condition, mutex, &limit)
            waiterCount -= 1
            if code != 0 { return body(&value) }
        }
    }
}

/// A flag that one thread sets and others wait for; it is never cleared.
package final class ThreadFlag: Sendable {
    private let value = Condition(false)

    package init() {}

    package func set() {
        value.change { value in
            value = true
            return true
        }
    }

    package var isSet: Bool { value.withLock { $0 } }

    /// Waits until the flag is set or the deadline has passed; returns whether it is set.
    package func wait(until deadline: MonotonicTime) -> Bool {
        value.wait(until: deadline) { $0 ? true : nil } ?? false
    }
}
