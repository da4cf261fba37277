import TestSupport
import Testing

/// `make ledger` does the same with more events.
@Suite struct LedgerTests {
    @Test func nothingIsLostAndLogAndLedgerAgreeWhileWorkersAreKilledAndRedisIsRestarted() throws {
        let (status, output, error) = try ChildProcess.run(
            [BuiltProducts.testProgram("Ledger"), "600", "--kills", "4"], seconds: 300)

        #expect(status == .exited(0), "\(output)\n\(error)")
        #expect(output.contains("lost        0"))
    }
}

/// `make reload-test` does the same with more reloads.
@Suite struct ReloadLoadTests {
    @Test(arguments: [[], ["--keep"]])
    func noRequestFailsAndNothingIsLeftOpenWhileTheResponderBehindNginxReloadsAgainAndAgain(options: [String]) throws {
        let (status, output, error) = try ChildProcess.run(
            [BuiltProducts.testProgram("Reloads"), "10", "--clients", "4"] + options, seconds: 300)

        #expect(status == .exited(0), "\(output)\n\(error)")
        #expect(output.contains("failed       0\n"))
    }
}
