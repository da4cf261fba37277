import Testing

@testable import FCGIApp

@Suite("The budget of descriptors")
struct DescriptorBudgetTests {
    @Test(
        "leaves threads what they need, never less than a few and never too many to silent connections",
        arguments: [(8, 1024, 928, 16), (8, 4096, 1024, 16), (2, 64, 24, 8), (512, 1024, 8, 1), (8, Int.max, 1024, 16)])
    func shares(threads: Int, limit: Int, silent: Int, batch: Int) {
        let budget = DescriptorBudget(threadCount: threads, descriptorLimit: limit)
        #expect(budget.silentConnections == silent)
        #expect(budget.batchSize == batch)
    }
}
