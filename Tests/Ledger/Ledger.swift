import Foundation

/// Holds the receivers' ledger against the log: sends events to apps that answer well and badly while workers are killed
/// and Redis is restarted, and counts what became of each.
///
///     Ledger [EVENTS] [--kills COUNT] [--workers COUNT] [--seed NUMBER]
///
/// Prints the counts. Exit status: 0 when nothing was lost and log and ledger agree, 1 when not, 2 when it could not be
/// carried out.
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

    /// Apart from `main`, which belongs to the main actor: what is started here runs on threads.
    private nonisolated static func run(_ options: LedgerOptions) throws -> LedgerVerdict {
        let plan = LedgerPlan(eventCount: options.eventCount)
        let stage = try LedgerFixture(plan: plan, workerCount: options.workerCount)
        let accepted = try LedgerRun(plan: plan, stage: stage, options: options).carryOut()
        return try LedgerVerdict(plan: plan, stage: stage, accepted: accepted)
    }
}

/// How much is sent, and how much goes wrong.
struct LedgerOptions: Sendable {
    var eventCount = 20_000
    var killCount = 20
    var workerCount = 3
    var seed: UInt64 = 1

    struct Misuse: Error, CustomStringConvertible {
        let description: String
    }

    mutating func read(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            if let count = Int(word), count > 0 {
                eventCount = count
                continue
            }
            guard ["--kills", "--workers", "--seed"].contains(word), let value = rest.popFirst().flatMap(Int.init),
                value >= 0
            else { throw Misuse(description: "usage: Ledger [EVENTS] [--kills N] [--workers N] [--seed N]") }
            switch word {
            case "--kills": killCount = value
            case "--workers": workerCount = max(1, value)
            default: seed = UInt64(value)
            }
        }
    }
}
