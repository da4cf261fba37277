import Testing

@testable import FCGIApp

/// The budget of descriptors.
@Suite
struct DescriptorBudgetTests {
    @Test(arguments: [
        (8, 1024, 928, 16), (8, 4096, 1024, 16), (2, 64, 24, 8), (512, 1024, 8, 1), (8, Int.max, 1024, 16),
    ])
    func leavesThreadsWhatTheyNeedNeverLessThanAFewAndNeverTooManyToSilentConnections(
        threads: Int, limit: Int, silent: Int, batch: Int
    ) {
        let budget = DescriptorBudget(threadCount: threads, descriptorLimit: limit)
        #expect(budget.silentConnections == silent)
        #expect(budget.batchSize == batch)
    }
}
