import Model
import System
import TestSupport
import Testing

@testable import Directory

/// Epochs of a directory's memory.
@Suite
struct DirectoryEpochTests {
    private let clock = Lock(Timestamp(seconds: 1_000_000))
    private let changes = DirectoryChanges()
    private var rows = MemoryDirectory()

    init() {
        rows.organizations = (1...9).map { Organization(id: $0, slug: "o\($0)", name: "O") }
    }

    private func cached(
        secondsToLive: Int = 5, entryLimit: Int = 100, remembersAbsence: Bool = true
    ) -> CachedDirectory<MemoryDirectory> {
        let clock = clock
        return CachedDirectory(
            rows,
            limits: .init(
                secondsToLive: secondsToLive, entryLimit: entryLimit, keyByteLimit: 40,
                remembersAbsence: remembersAbsence),
            clock: WallClock { clock.withLock { $0 } }, changes: changes)
    }

    private func move(microseconds: Int64) {
        clock.withLock { $0.microseconds += microseconds }
    }

    @Test func anEpochLastsAsLongAsTheOldestAnswerOfItWhateverElseIsAsked() throws {
        let cached = cached()
        let first = try #require(cached.epoch)
        _ = try cached.organization(id: 1)
        move(microseconds: 2_000_000)
        _ = try cached.organization(id: 2)
        _ = try cached.organization(id: 1)
        _ = try cached.app(slug: "none")
        move(microseconds: 2_999_999)
        #expect(cached.epoch == first)

        move(microseconds: 1)
        let second = try #require(cached.epoch)
        #expect(second != first)
        // What was not asked for in it does not end it.
        move(microseconds: 3_600_000_000)
        #expect(cached.epoch == second)
    }

    @Test func aChangeThatAnotherCacheOfTheSameDirectoryMakesEndsIt() throws {
        let (cached, other) = (cached(), cached())
        let first = try #require(cached.epoch)
        _ = try cached.organization(id: 1)
        #expect(cached.epoch == first)

        _ = try other.enable(appID: 1, audit: .enabling())

        #expect(cached.epoch != first)
    }

    @Test func aClockThatIsPutBackEndsIt() throws {
        let cached = cached()
        let first = try #require(cached.epoch)
        _ = try cached.organization(id: 1)
        move(microseconds: -1)
        #expect(cached.epoch != first)
    }

    @Test func anAnswerThatIsReplacedEndsItAlsoWhenNobodyLookedWhileTheClockWasPutBack() throws {
        let cached = cached()
        let first = try #require(cached.epoch)
        _ = try cached.organization(id: 1)
        move(microseconds: -1_000_000)
        _ = try cached.organization(id: 1)
        move(microseconds: 2_000_000)
        #expect(cached.epoch != first)
    }

    @Test func anAnswerThatIsPushedOutEndsIt() throws {
        let cached = cached(entryLimit: 4)
        let first = try #require(cached.epoch)
        for id: Int64 in 1...3 { _ = try cached.organization(id: id) }
        #expect(cached.epoch == first)
        _ = try cached.organization(id: 4)
        #expect(cached.epoch != first)
    }

    @Test func anAnswerThatIsNotRememberedEndsIt() throws {
        let long = String(repeating: "a", count: 41)
        let cached = cached(remembersAbsence: false)
        for ask in [
            { _ = try cached.issueEvent(projectID: 1, eventID: long) }, { _ = try cached.organization(id: 99) },
        ] as [() throws -> Void] {
            let epoch = try #require(cached.epoch)
            try ask()
            #expect(cached.epoch != epoch)
        }
    }

    @Test func aDirectoryThatRemembersNothingHasNone() throws {
        #expect(cached(secondsToLive: 0).epoch == nil)
        #expect(rows.epoch == nil)
        #expect(try DirectoryFixture().directory.epoch == nil)
    }

    /// What was asked, and by what number.
    private enum Question: Hashable {
        case organization(Int64), project(Int64), issueEvent(Int64)

        func ask(_ directory: some DirectoryStore) throws -> String {
            switch self {
            case .organization(let id): "\(try directory.organization(id: id)?.name ?? "-")"
            case .project(let id): "\(try directory.project(id: id)?.organizationID ?? -1)"
            case .issueEvent(let id):
                "\(try directory.issueEvent(projectID: 1, eventID: String(id))?.groupID ?? -1)"
            }
        }
    }

    @Test func whateverHappensWhatWasAskedInAnEpochIsAnsweredTheSameAsLongAsTheEpochLasts() throws {
        var (again, random) = (0, SeededGenerator(seed: 3))
        for _ in 0..<40 {
            var rows = rows
            let entryLimit = Int.random(in: 2...30, using: &random)
            let (cached, other) = (cached(entryLimit: entryLimit), cached(entryLimit: entryLimit))
            var (epoch, answers) = (cached.epoch, [Question: String]())
            for step in 0..<600 {
                switch Int.random(in: 0..<40, using: &random) {
                case 0: _ = try other.enable(appID: 1, audit: .enabling())
                case 1: move(microseconds: Int64.random(in: -1_000_000...1, using: &random))
                case 2...5: move(microseconds: Int64.random(in: 0...2_000_000, using: &random))
                case 6...15: change(&rows, to: Int64(step), &random)
                default: break
                }
                if cached.epoch != epoch { (epoch, answers) = (cached.epoch, [:]) }
                let question = question(&random)
                let answer = try question.ask(cached)
                if let before = answers[question] {
                    #expect(answer == before)
                    again += 1
                }
                if cached.epoch == epoch { answers[question] = answer }
            }
        }
        #expect(again > 1000, "\(again) answers of the same epoch say little")
    }

    private func question(_ random: inout SeededGenerator) -> Question {
        let id = Int64.random(in: 1...6, using: &random)
        return switch Int.random(in: 0..<3, using: &random) {
        case 0: .organization(id)
        case 1: .project(id)
        default: .issueEvent(id)
        }
    }

    /// As another process does.
    private func change(_ rows: inout MemoryDirectory, to number: Int64, _ random: inout SeededGenerator) {
        let id = Int64.random(in: 1...6, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: rows.organizations = (1...id).map { Organization(id: $0, slug: "", name: "\(number)") }
        case 1: rows.projects = (1...id).map { Project(id: $0, slug: "", organizationID: number) }
        default:
            rows.issueEvents = (1...id).map { IssueEvent(projectID: 1, eventID: String($0), groupID: number) }
        }
    }
}
