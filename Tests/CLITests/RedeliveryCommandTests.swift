import TestSupport
import Testing

@testable import CLI

/// `hookline redelivery create`
@Suite struct RedeliveryCommandTests {
    private let fixture: StoredEventFixture

    init() throws {
        fixture = try StoredEventFixture()
    }

    private func create(app: String = "radar", key: String) throws -> CommandRunner.Outcome {
        try fixture.runner.hookline(
            "redelivery", "create", "--app", app, "--since", "3h", "--idempotency-key", key)
    }

    private func jobCount(app: String) throws -> Int {
        try fixture.runner.hookline("redelivery", "list", "--app", app, "--json").output.split(separator: "\n").count
    }

    @Test func aRepeatedCommandWithTheSameKeyCreatesNothing() throws {
        let first = try create(key: "k")
        let repeated = try create(key: "k")
        let other = try create(key: "l")
        let ofAnotherApp = try create(app: "sonar", key: "k")

        #expect(first.status == 0 && first.output.count == 33)
        #expect(repeated.status == 0 && repeated.output == first.output)
        #expect(Set([first, other, ofAnotherApp].map(\.output)).count == 3)
        #expect(try jobCount(app: "radar") == 2)
        #expect(try jobCount(app: "sonar") == 1)
    }

    @Test(arguments: ["", "\u{FC}", String(repeating: "k", count: 256)])
    func aKeyThatNoneCanHaveIsRefused(key: String) throws {
        let outcome = try create(key: key)

        #expect(outcome.status == 65)
        #expect(outcome.error.contains("--idempotency-key: must be 1 to 255 printable characters of ASCII"))
        #expect(try jobCount(app: "radar") == 0)
    }
}
