import Foundation

/// Fault injection test of delivery: sends events to apps that succeed and fail while workers are killed and Redis is
/// restarted, and compares what the receivers got with the request log.
///
///     Ledger [EVENTS] [--relay] [--kills COUNT] [--workers COUNT] [--seed NUMBER]
///
/// With `--relay` the events are webhooks of an original, which are relayed to two targets each, and responders are
/// killed, too.
///
/// Prints the counts. Exit status: 0 when nothing was lost and log and receivers agree, 1 when not, 2 when the test
/// could not be run.
@main enum Ledger {
    static func main() {
        var options = LedgerOptions()
        do {
            try options.read(Array(CommandLine.arguments.dropFirst()))
            let verdict = try run(options)
            print(verdict.text)
            exit(verdict.isGood ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("ledger: \(error)\n".utf8))
            exit(2)
        }
    }

    /// Separate from `main`, which is isolated to the main actor: this starts threads.
    private nonisolated static func run(_ options: LedgerOptions) throws -> LedgerVerdict {
        let plan = LedgerPlan(eventCount: options.eventCount, isRelay: options.isRelay)
        let fixture = try LedgerFixture(plan: plan, workerCount: options.workerCount)
        let accepted = try LedgerRun(plan: plan, fixture: fixture, options: options).run()
        return try LedgerVerdict(plan: plan, fixture: fixture, accepted: accepted)
    }
}

/// The number of events and faults.
struct LedgerOptions: Sendable {
    var eventCount = 20_000
    var killCount = 20
    var workerCount = 3
    var seed: UInt64 = 1
    var isRelay = false

    struct Misuse: Error, CustomStringConvertible {
        let description: String
    }

    mutating func read(_ arguments: [String]) throws {
        var remaining = arguments[...]
        while let argument = remaining.popFirst() {
            if let count = Int(argument), count > 0 {
                eventCount = count
                continue
            }
            if argument == "--relay" {
                isRelay = true
                continue
            }
            guard ["--kills", "--workers", "--seed"].contains(argument),
                let value = remaining.popFirst().flatMap(Int.init),
                value >= 0
            else { throw Misuse(description: "usage: Ledger [EVENTS] [--relay] [--kills N] [--workers N] [--seed N]") }
            switch argument {
            case "--kills": killCount = value
            case "--workers": workerCount = max(1, value)
            default: seed = UInt64(value)
            }
        }
    }
}
