import TestSupport
import Testing

@testable import ResponderSupport

/// The memory that requests with a body share.
@Suite
struct BodyMemoryTests {
    @Test func bodiesLeaveAnEighthToParameters() {
        let memory = BodyMemory(limit: 800)

        #expect(!memory.reserve(701, for: .body))
        #expect(memory.reserve(700, for: .body))
        #expect(!memory.reserve(1, for: .body))
        #expect(memory.reserve(100, for: .head))
        #expect(!memory.reserve(1, for: .head))
        #expect(memory.usedBytes == 800)
    }

    @Test func whatIsReleasedIsFreeForOthers() {
        let memory = BodyMemory(limit: 800)
        #expect(memory.reserve(700, for: .body))

        memory.release(700)

        #expect(memory.usedBytes == 0)
        #expect(memory.reserve(700, for: .body))
    }

    @Test func theHeapIsTrimmedOnceAfterABurst() {
        let memory = BodyMemory(limit: 8 << 20)
        memory.take(1 << 20)
        #expect(!memory.tick(), "it is used")
        memory.release(1 << 20)

        #expect(memory.tick())
        #expect(!memory.tick())
        memory.take(1000)
        memory.release(1000)
        #expect(!memory.tick(), "not worth it")
    }
}
