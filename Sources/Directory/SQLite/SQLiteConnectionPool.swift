import Glibc
import Model
import System

/// A bounded number of connections to one database that threads borrow for a look-up.
///
/// Each is used by one thread at a time. Idle ones stay open with their prepared statements.
final class SQLiteConnectionPool: Sendable {
    /// Lets a connection go from one thread to the next. Unchecked: the pool hands each out to one at a time.
    private struct Lent: @unchecked Sendable {
        let database: SQLiteDatabase
    }

    /// Permission to use one more connection. Unchecked: a POSIX semaphore is for many threads, its pointer says nothing of it.
    private final class Permits: @unchecked Sendable {
        private let semaphore: UnsafeMutablePointer<sem_t>

        init(count: Int) {
            semaphore = .allocate(capacity: 1)
            sem_init(semaphore, 0, UInt32(count))
        }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func take(waitingAtMost milliseconds: Int32) -> Bool {
            if sem_trywait(semaphore) == 0 { return true }
            var deadline = timespec()
            clock_gettime(CLOCK_REALTIME, &deadline)
            let nanoseconds = Int(deadline.tv_nsec) + Int(milliseconds) * 1_000_000
            deadline.tv_sec += nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
            while sem_timedwait(semaphore, &deadline) != 0 {
                if errno != EINTR { return false }
            }
            return true
        }

        func giveBack() {
            sem_post(semaphore)
        }
    }

    private let permits: Permits
    private let idle = Lock<[Lent]>([])
    private let waitMilliseconds: Int32
    private let connect: @Sendable () throws(DirectoryError) -> SQLiteDatabase

    /// - Parameters:
    ///   - maximumCount: so many connections are open at most; further threads wait.
    ///   - waitMilliseconds: how long a thread waits for one.
    ///   - connect: opens a connection and makes sure that it can be used.
    init(
        maximumCount: Int, waitMilliseconds: Int32,
        connect: @escaping @Sendable () throws(DirectoryError) -> SQLiteDatabase
    ) {
        permits = Permits(count: max(1, maximumCount))
        self.waitMilliseconds = waitMilliseconds
        self.connect = connect
    }

    /// Runs `body` with a connection; nil when none came free in time.
    ///
    /// - Parameter isFatal: whether the connection must not be used again after this error.
    func withConnection<Result, Failure: Error>(
        failing: (DirectoryError) -> Failure, isFatal: (Failure) -> Bool,
        _ body: (SQLiteDatabase) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard permits.take(waitingAtMost: waitMilliseconds) else { return nil }
        defer { permits.giveBack() }
        let lent: Lent
        do throws(DirectoryError) {
            if let free = idle.withLock({ $0.popLast() }) {
                lent = free
            } else {
                lent = Lent(database: try connect())
            }
        } catch {
            throw failing(error)
        }
        do throws(Failure) {
            let result = try body(lent.database)
            idle.withLock { $0.append(lent) }
            return result
        } catch {
            if !isFatal(error) { idle.withLock { $0.append(lent) } }
            throw error
        }
    }
}
