import Logging
import Model
import Queue
import Redis
import Synchronization
import System

/// Keeps the payload archive to its limit, and empties it where Redis is short of memory: a full Redis refuses new
/// events, and these matter more than old payloads.
struct ArchiveKeeper {
    /// Between two looks at the archive, unless there is more to delete.
    private static let interval = Duration.seconds(5)

    private let context: DeliveryContext
    private let archive: PayloadArchive
    private var pressure = MemoryPressure()
    private var next = MonotonicTime.now()
    private var isFailing = false

    init(_ context: DeliveryContext, connection: RedisConnection, limits: ArchiveLimits) {
        self.context = context
        archive = PayloadArchive(connection: connection, limits: limits)
    }

    /// The time until the next step is due.
    func remaining(_ now: MonotonicTime) -> Duration {
        .microseconds(max(0, next.microseconds - now.microseconds))
    }

    /// One step, if it is due. A failure is retried after the interval.
    mutating func work(_ queue: DeliveryQueue) {
        guard next <= .now() else { return }
        var hasMore = false
        do throws(RedisError) {
            note(try queue.memory())
            hasMore = try archive.prune(now: context.clock.now(), isMemoryShort: pressure.isShort).hasMore
            isFailing = false
        } catch {
            if !isFailing {
                context.log.warning(
                    "payloads beyond the limit could not be deleted from the payload archive",
                    metadata: ["error": "\(error)"])
            }
            isFailing = true
        }
        next = .now().adding(hasMore ? .zero : Self.interval)
    }

    private mutating func note(_ memory: RedisMemory?) {
        let wasShort = pressure.isShort
        pressure.note(memory)
        guard pressure.isShort != wasShort else { return }
        context.isArchiveClosed.store(pressure.isShort, ordering: .relaxed)
        let percent = "\(memory?.usedPercent ?? 0)"
        if pressure.isShort {
            context.log.warning(
                "Redis is short of memory: payloads are deleted, and no more archived for redelivery",
                metadata: ["used_percent": "\(percent)"])
        } else {
            context.log.notice("payloads are archived again", metadata: ["used_percent": "\(percent)"])
        }
    }
}

/// Whether Redis is short of memory: from 90 % of its limit on, until it is below 85 %. Pure.
struct MemoryPressure: Hashable {
    static let upperPercent = 90
    static let lowerPercent = 85

    private(set) var isShort = false

    /// - Parameter memory: nil where Redis does not report it.
    mutating func note(_ memory: RedisMemory?) {
        let percent = memory?.usedPercent ?? 0
        isShort = percent >= (isShort ? Self.lowerPercent : Self.upperPercent)
    }
}
