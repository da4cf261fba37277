import Model
package import Redis
import System

/// The memory that the threads of a program read logs in: as much as reads are under way, not as much as there are
/// threads.
///
/// A piece that comes back is kept while the moments before needed as many at the same time. What a rush out of the blue
/// needed beyond that goes back to the system at once, so that memory after it is what it was before.
package final class ReadBufferPool: Sendable {
    private struct Content {
        var idle: [ReadBuffer] = []
        var inUse = 0
        /// The most in use at the same time since the last tick, and in the time before that.
        var highest = 0
        var highestBefore = 0
        /// How many are worth keeping until the next tick, in use or not.
        var target = ReadBufferPool.kept
        /// Whether pieces went back to the system since a tick said so.
        var hasShrunk = false

        /// One that is not worth keeping, if there is one: that which has the least memory, for whoever reads later would
        /// make it grow.
        mutating func removeSurplus() -> ReadBuffer? {
            guard idle.count > max(ReadBufferPool.kept, target - inUse) else { return nil }
            hasShrunk = true
            return idle.indices.min { idle[$0].usedBytes < idle[$1].usedBytes }.map { idle.remove(at: $0) }
        }
    }

    /// How many pieces are kept when nobody reads: reads one after the other find their memory.
    static let kept = 1

    private let limits: ReplyLimits
    private let content = Lock(Content())

    /// - Parameter limits: of the answers that are read.
    package init(limits: ReplyLimits = ReplyLimits()) {
        self.limits = limits
    }

    /// How many pieces there are, in use or not.
    package var count: Int { content.withLock { $0.idle.count + $0.inUse } }

    /// A piece of memory for one read, to be given back after it: that which came back last.
    func take() -> ReadBuffer {
        let memory = content.withLock { content in
            content.inUse += 1
            content.highest = max(content.highest, content.inUse)
            return content.idle.popLast()
        }
        return memory ?? ReadBuffer(limits: limits)
    }

    func giveBack(_ memory: ReadBuffer) {
        memory.rest()
        // What it returns is freed when nobody waits for the lock.
        _ = content.withLock { content in
            content.inUse -= 1
            content.idle.append(memory)
            return content.removeSurplus()
        }
    }

    /// To be called every tenth of a second or so: gives back what was not needed since the last call but one.
    ///
    /// - Returns: whether a rush is over: several read at the same time, and now one at most has for a while. What such a
    ///   rush left in the heap is worth giving back, too.
    package func tick() -> Bool {
        let isQuiet = content.withLock { content in
            let isQuiet = content.highest <= Self.kept
            content.target = max(Self.kept, content.highest, content.highestBefore)
            content.highestBefore = content.highest
            content.highest = content.inUse
            return isQuiet
        }
        while content.withLock({ $0.removeSurplus() }) != nil {}
        guard isQuiet else { return false }
        return content.withLock { content in
            defer { content.hasShrunk = false }
            return content.hasShrunk
        }
    }
}
