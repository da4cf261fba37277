import Buffer
import Foundation
import Model
import Queue
import TestSupport
import Testing
import WireJSON

@testable import CLI

@Suite struct QueueCommandTests {
    private let fixture: CommandFixture
    private var runner: CommandRunner { fixture.runner }

    init() throws {
        fixture = try CommandFixture()
    }

    private func letter(_ number: Int, _ appID: Int64 = 1) -> String {
        CommandFixture.letter(number, appID: appID)
    }

    private func status(_ arguments: [String] = []) throws -> JSONValue {
        let outcome = try ChildProcess.run(
            [try BuiltProducts.path("hookline"), "queue", "status", "--json", "--redis", fixture.redis.url] + arguments)
        return try JSONValue(parsing: outcome.output)
    }

    @Test func aDamagedDeadLetterIsNamedAndTheOthersAreRedriven() throws {
        let ids = try fixture.deadLetter(count: 3)
        try fixture.redis.command("HSET", "hookline:{queue:events:0}:dead-entries", ids[1], "no list")

        let redrive = try runner.hookline("queue", "redrive", "--all")
        let list = try runner.hookline("queue", "list")
        let delete = try runner.hookline("queue", "delete", ids[1])

        #expect(redrive.status == 65)
        #expect(redrive.output == "Redrove 2 dead letters.\n")
        #expect(redrive.error.contains("1 dead letter not redriven, because what Redis has cannot be decoded"))
        #expect(list.output.contains("damaged: what Redis has cannot be decoded"))
        #expect(delete.output == "Deleted 1 dead letter.\n")
    }

    @Test func theStatusCountsWaitingInProgressAndDeadLetters() throws {
        try fixture.deadLetter(count: 3)
        for _ in 0..<2 { try runner.hookline("event", "send", CommandFixture.installation, "issue.created") }
        _ = try fixture.queue().receive(consumer: "c", count: 1)

        let json = try status()
        let text = try runner.hookline("queue", "status").output
        let mail = try status(["--queue", "mail"])

        #expect(json["waiting"]?.integer == 1)
        #expect(json["pending"]?.integer == 1)
        #expect(json["scheduled"]?.integer == 0)
        #expect(json["depth"]?.integer == 2)
        #expect(json["bound"]?.integer == 100_000)
        #expect(json["dead"]?.integer == 3)
        #expect(try #require(json["oldest_due_at"]?.string).hasSuffix("Z"))
        #expect(mail["queue"]?.string == "mail")
        #expect(mail["dead"]?.integer == 0)
        #expect(text.contains("waiting       1\n"))
        #expect(text.contains("in progress   1  "))
        #expect(text.contains("scheduled     0  "))
        #expect(text.contains("dead letters  3  "))
    }

    @Test func theStatusListsLiveWorkers() throws {
        let before = try runner.hookline("queue", "status").output
        try fixture.report(workers: "hall-1")

        let text = try runner.hookline("queue", "status").output
        let json = try status()["workers"]

        #expect(before.contains("\nworkers       none running: nothing is delivered\n"))
        #expect(text.contains("\nworkers       1 running\n"))
        #expect(text.contains("\nWORKER  VERSION  UPTIME"))
        #expect(text.contains("\nhall-1  1.2      2h"))
        guard case .array(let workers)? = json else { throw TestSupportError("no array") }
        #expect(workers.map { $0["consumer"]?.string } == ["hall-1"])
        #expect(workers.map { $0["in_flight"]?.integer } == [3])
    }

    @Test func theStatusNamesARefusalOfWritesAfterTheReport() throws {
        try RefusingRedis.prepare(fixture.redis, "READONLY")

        let outcome = try runner.hookline("queue", "status")

        #expect(outcome.status == 69)
        #expect(outcome.output.contains("\nwaiting "))
        #expect(outcome.output.contains("\nworkers       unknown: Redis refuses their reports\n"))
        #expect(outcome.error.contains("READONLY"))
    }

    @Test func theStatusTellsWorkersThatCannotReportFromNone() throws {
        try runner.hookline("event", "send", CommandFixture.installation, "issue.created")
        _ = try fixture.queue().receive(consumer: "alive", count: 1)

        let text = try runner.hookline("queue", "status").output

        #expect(text.contains("\nworkers       1 reading the queue, but none can report"))
    }

    @Test func theStatusWarnsOfAWorkersClock() throws {
        let store = MetricStore(connection: try fixture.redis.connection())
        for (name, offset) in [("ahead", Int64(3_600_400)), ("behind", -5000), ("right", 4999)] {
            let worker = WorkerReport(
                consumer: name, version: "1.2", startedAt: .now(), inFlight: 0, clockOffsetMilliseconds: offset)
            #expect(try store.report(worker, lifetime: .seconds(60)))
        }

        let text = try runner.hookline("queue", "status").output

        #expect(text.contains("warning: the clock of worker ahead is 3600 s ahead of that of Redis\n"))
        #expect(text.contains("warning: the clock of worker behind is 5 s behind that of Redis\n"))
        #expect(!text.contains("clock of worker right"))
    }

    @Test func theStatusWarnsOfAWorkerThatSendsNothing() throws {
        try fixture.report(workers: "hall-1", pauseReason: "Redis refused a command: NOPERM no")

        let text = try runner.hookline("queue", "status").output
        let json = try status()["workers"]

        #expect(
            text.contains(
                "warning: worker hall-1 sends nothing: outcomes cannot be recorded: Redis refused a command: NOPERM no")
        )
        guard case .array(let workers)? = json else { throw TestSupportError("no array") }
        #expect(workers.map { $0["paused"]?.string } == ["Redis refused a command: NOPERM no"])
    }

    @Test func theStatusWarnsOfARedisThatMayLoseEvents() throws {
        let careless = try CommandFixture(redisArguments: ["--maxmemory-policy", "allkeys-lru"])

        let text = try careless.runner.hookline("queue", "status").output

        #expect(text.contains("warning: Redis writes no append-only file"))
        #expect(text.contains("warning: Redis evicts keys, including accepted events"))
        #expect(text.contains("(maxmemory-policy allkeys-lru)"))
    }

    @Test func deadLettersAreListedWithAppEventAttemptsAndReasonOldestFirst() throws {
        try fixture.deadLetter(count: 2)
        try fixture.deadLetter(count: 1, appID: 99)

        let all = try runner.hookline("queue", "list").output.split(separator: "\n")
        let own = try runner.hookline("queue", "list", "--app", "radar", "--json").output.split(separator: "\n")
        let cut = try runner.hookline("queue", "list", "--limit", "2")
        let exact = try runner.hookline("queue", "list", "--limit", "3")

        #expect(
            all.map { $0.split(separator: " ").prefix(4).joined(separator: " ") } == [
                "ID APP EVENT ATTEMPTS", "\(letter(0)) radar issue.created 4", "\(letter(1)) radar issue.created 4",
                "\(letter(0, 99)) #99 issue.created 4",
            ])
        #expect(all[1].hasSuffix("4 attempts failed, the last with 503"))
        let objects = try own.map { try JSONValue(parsing: String($0)) }
        #expect(objects.map { $0["id"]?.string } == [letter(0), letter(1)])
        #expect(objects[0]["attempts"]?.integer == 4)
        #expect(objects[0]["payload"] == nil)
        #expect(cut.output.split(separator: "\n").count == 3)
        #expect(cut.error == "hookline: there are more; see --limit\n")
        #expect(exact.output.split(separator: "\n").count == 4)
        #expect(exact.error.isEmpty)
    }

    @Test func oneDeadLetterIsShownWhole() throws {
        try fixture.deadLetter(count: 1)

        let outcome = try runner.hookline("queue", "inspect", letter(0))
        let missing = try runner.hookline("queue", "inspect", "nothing")

        let json = try JSONValue(parsing: outcome.output)
        #expect(json["app"]?.string == "radar")
        #expect(json["reason"]?.string == "4 attempts failed, the last with 503")
        #expect(json["payload"]?["data"]?["id"]?.string == letter(0))
        #expect(missing.status == 65)
        #expect(missing.error == "hookline: no dead letter has the id nothing\n")
    }

    @Test func deadLettersAreRedrivenWithTheirIdsAndAttemptsCountedFromOne() throws {
        try fixture.deadLetter(count: 3)

        let outcome = try runner.hookline("queue", "redrive", letter(0), letter(2), "nothing")

        #expect(outcome.status == 65)
        #expect(outcome.output == "Redrove 2 dead letters.\n")
        #expect(outcome.error == "hookline: 1 of 3 ids not found among the dead letters\n")
        let queued = try fixture.queued()
        #expect(Set(queued.map(\.entry.id)) == [letter(0), letter(2)])
        #expect(queued.allSatisfy { $0.entry.attempt == 1 })
    }

    @Test func allDeadLettersOfOneAppAreRedrivenUntilTheQueueIsFull() throws {
        try fixture.deadLetter(count: 3)
        try fixture.deadLetter(count: 1, appID: 99)

        let full = try runner.hookline(
            "queue", "redrive", "--all", "--app", "radar", environment: ["HOOKLINE_QUEUE_MAX_DEPTH": "2"])
        let remaining = try runner.hookline("queue", "redrive", "--all", "--app", "radar")

        #expect(full.status == 75)
        #expect(full.output == "Redrove 2 dead letters.\n")
        #expect(full.error.hasPrefix("hookline: the queue is full"))
        #expect(remaining.output == "Redrove 1 dead letter.\n")
        #expect(try status()["dead"]?.integer == 1)
    }

    @Test func deletingAllDeadLettersNeedsAConfirmation() throws {
        try fixture.deadLetter(count: 3)
        try fixture.deadLetter(count: 1, appID: 99)

        let one = try runner.hookline("queue", "delete", letter(1))
        let unsure = try runner.hookline("queue", "delete", "--all")
        let own = try runner.hookline("queue", "delete", "--all", "--app", "radar", "--yes")
        let left = try runner.hookline("queue", "list", "--json").output

        #expect(one.output == "Deleted 1 dead letter.\n")
        #expect(unsure.status == 64)
        #expect(unsure.error.contains("add --yes"))
        #expect(own.output == "Deleted 2 dead letters.\n")
        #expect(left.split(separator: "\n").count == 1)
        #expect(left.contains(letter(0, 99)))
    }

    @Test func theNumberOfShardsIsASetting() throws {
        let queue = ["HOOKLINE_QUEUE_SHARDS": "4"]
        let sent = try runner.hookline(
            "event", "send", CommandFixture.installation, "issue.created", environment: queue)
        let seen = try runner.hookline("queue", "status", "--json", environment: queue)
        let wrong = try runner.hookline("queue", "status", environment: ["HOOKLINE_QUEUE_SHARDS": "none"])
        let nothing = try runner.hookline("queue", "redrive")

        #expect(sent.status == 0)
        #expect(try JSONValue(parsing: seen.output)["waiting"]?.integer == 1)
        #expect(wrong.status == 78)
        #expect(wrong.error == "hookline: HOOKLINE_QUEUE_SHARDS is \"none\", expected a number from 1 to 256\n")
        #expect(nothing.status == 64)
    }
}
