import Testing

@testable import FCGIApp

@Suite("The budget of descriptors")
struct DescriptorBudgetTests {
    @Test(
        "leaves threads what they need, never less than a few and never too many to silent connections",
        arguments: [(8, 1024, 944), (8, 4096, 1024), (2, 64, 32), (512, 1024, 8), (8, Int.max, 1024)])
    func shares(threads: Int, limit: Int, expected: Int) {
        #expect(DescriptorBudget.silentConnections(threadCount: threads, descriptorLimit: limit) == expected)
    }
}
