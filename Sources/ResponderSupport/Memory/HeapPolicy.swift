import CSystem
import Glibc

/// How the C library manages the memory of this program's threads.
enum HeapPolicy {
    /// Free memory that a heap keeps at its end, in bytes.
    ///
    /// By default the C library releases it after each response: a system call, page faults in the next request, and an
    /// interrupt to every other processor that runs a thread of this program. Setting it also stops the library from
    /// raising the size from which an allocation gets its own mapping (128 KiB).
    private static let keptBytes: Int32 = 512 << 10

    /// Call it before the first thread is started.
    static func apply() {
        mallopt(M_TRIM_THRESHOLD, keptBytes)
        mallopt(M_ARENA_MAX, Int32(heapCount(processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }

    /// The number of heaps (arenas) that the threads share.
    ///
    /// By default each thread has one, which keeps the memory of its largest response. Small allocations come from a
    /// cache of each thread in any case, and only running threads contend: on two processors 16 threads waited nearly
    /// as seldom with one heap as with sixteen (`futex` calls under load).
    static func heapCount(processors: Int) -> Int {
        max(1, processors / 4)
    }

    /// Releases free memory of the heaps, except for some at the end of the main one. Takes a fraction of a
    /// millisecond, in which allocations may have to wait.
    static func trim() {
        malloc_trim(Int(keptBytes) / 4)
    }
}
