import CSystem
import Glibc

/// How the C library manages the memory of this program's threads.
enum HeapPolicy {
    /// How much free memory a heap keeps at its end, in bytes.
    ///
    /// By default the C library gives it back after each answer: a system call, page faults when the next request takes it
    /// again, and an interrupt to every other processor that runs a thread of this program. Setting it also fixes what
    /// the library would raise by itself, the size from which a piece of memory has a mapping of its own (128 KiB).
    private static let keptBytes: Int32 = 512 << 10

    /// To be called before the first thread is started.
    static func apply() {
        mallopt(M_TRIM_THRESHOLD, keptBytes)
        mallopt(M_ARENA_MAX, Int32(heapCount(processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }

    /// How many heaps the threads share.
    ///
    /// By default each thread has its own, and keeps there what its largest answer needed. Small pieces come from a store
    /// that each thread has in any case, and only threads that run can get in each other's way: on two processors 16 of
    /// them waited nearly as seldom with one heap as with sixteen (`futex` calls under load).
    static func heapCount(processors: Int) -> Int {
        max(1, processors / 4)
    }

    /// Gives back what lies free in the heaps, but for some at the main one's end. Takes a fraction of a millisecond, in
    /// which threads may have to wait for memory.
    static func trim() {
        malloc_trim(Int(keptBytes) / 4)
    }
}
