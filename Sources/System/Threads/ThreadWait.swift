import Glibc

/// Learns when its thread is about to wait for another process, so that other threads can go on meanwhile.
package protocol ThreadWaitObserver: AnyObject {
    /// The thread may be blocked for long.
    func willWait()

    /// The thread goes on.
    func didWait()
}

/// Announces waits of the calling thread to its observer, if it has one. Announcing where the wait happens keeps the
/// scheduling of threads out of the layers between.
package enum ThreadWait {
    /// In microseconds. Shorter waits cost less than letting another thread run.
    package static let shortest: Int64 = 300

    /// What the thread-specific pointer points to.
    private final class Entry {
        let observer: any ThreadWaitObserver

        init(_ observer: any ThreadWaitObserver) {
            self.observer = observer
        }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Lets `observer` learn of the calling thread's waits while `body` runs.
    package static func withObserver<Failure: Error>(
        _ observer: any ThreadWaitObserver, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        let entry = Entry(observer)
        pthread_setspecific(key, Unmanaged.passUnretained(entry).toOpaque())
        defer { withExtendedLifetime(entry) { _ = pthread_setspecific(key, nil) } }
        try body()
    }

    /// Runs `body`, which may wait for long. A wait within an announced one is not announced again.
    ///
    /// - Parameter expected: how long it will probably take, in microseconds, where that is known.
    package static func announce<Result, Failure: Error>(
        expected: Int64 = .max, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard expected >= shortest, let pointer = pthread_getspecific(key) else { return try body() }
        let observer = Unmanaged<Entry>.fromOpaque(pointer).takeUnretainedValue().observer
        pthread_setspecific(key, nil)
        observer.willWait()
        defer {
            observer.didWait()
            pthread_setspecific(key, pointer)
        }
        return try body()
    }
}
