import Foundation
import Model
import Queue
import Redis
import TestSupport
import Testing
import WireJSON

@testable import CLI

/// Which rows `hookline log show` shows, in which form, and how it follows the log.
@Suite struct LogShowTests {
    private let runner: CommandRunner
    private let redis: RedisServer

    init() throws {
        redis = try RedisServer()
        runner = try CommandRunner(redis: redis)
        try runner.importDocument(smallDocument)
    }

    /// Adds a row as a worker does.
    private func add(
        _ id: String, code: Int = 200, event: String = "issue.created", at date: Timestamp = .now(), fields: String = ""
    ) throws {
        let row =
            #"{"date":"\#(date.pythonDescription)","response_code":\#(code),"webhook_url":"https://example.com/","#
            + #""request_id":"\#(id)","attempt":1,"duration_ms":31\#(fields)}"#
        for kind in code >= 400 || code == 0 ? ["request", "error"] : ["request"] {
            try redis.command("LPUSH", "sentry-app-webhook-\(kind):{1}:\(event)", row)
        }
    }

    private func show(_ arguments: String...) throws -> String {
        try runner.hookline(["log", "show", "radar"] + arguments).output
    }

    // MARK: Selection

    @Test func onlyRowsSinceATimeOrAnAgeAreShown() throws {
        let now = Timestamp.now()
        try add("old", at: now.adding(seconds: -7300))
        try add("recent", code: 503, at: now.adding(seconds: -7100))
        try add("new", at: now.adding(seconds: -60))
        let ids = { (arguments: [String]) in
            try runner.hookline(["log", "show", "radar", "--format", "csv"] + arguments).output
                .split(separator: "\r\n").dropFirst().map {
                    $0.split(separator: ",", omittingEmptySubsequences: false)[8]
                }
        }

        #expect(try ids([]) == ["new", "recent", "old"])
        #expect(try ids(["--since", "2h"]) == ["new", "recent"])
        #expect(try ids(["--since", now.adding(seconds: -60).iso8601Description]) == ["new"])
        #expect(try ids(["--since", "2h", "--limit", "1"]) == ["new"])
        #expect(try ids(["--since", "2h", "--errors-only"]) == ["recent"])
        #expect(try ids(["--since", "now"]) == [])
        let soon = try runner.hookline("log", "show", "radar", "--since", "soon")
        #expect(soon.status == 65)
        #expect(soon.error.contains(#"--since: "soon" is neither a time such as"#))
    }

    @Test func aSearchFindsRowsByTheLogAndByThePayload() throws {
        try add("plain", code: 500, fields: #","response_body":"so sorry""#)
        let id = String(repeating: "a", count: 32)
        try add(id)
        let event = QueuedEvent(
            event: "issue.created", installationUUID: "i", projectID: nil,
            data: .object([.init(name: "title", value: .string("Zürich"))]))
        try PayloadArchive(connection: redis.connection()).store(
            [
                ArchiveEntry(
                    event: ArchivedEvent(
                        id: id, appID: 1, event: "issue.created", enqueuedAt: .now(), payload: event.bytes),
                    isError: false, isNew: true)
            ], now: .now())
        let ids = { (arguments: [String]) in
            try runner.hookline(["log", "show", "radar", "--json"] + arguments).output.split(separator: "\n").map {
                try GoldenValue(parsing: String($0))["request_id"].string
            }
        }

        #expect(try ids(["--search", "SORRY"]) == ["plain"])
        #expect(try ids(["--search", "zürich"]) == [id])
        #expect(try ids(["--search", "acme"]).count == 0)
        #expect(try ids(["--search", "example.com", "--limit", "1"]) == [id])
        #expect(try runner.hookline("log", "show", "radar", "--search", "").status == 64)
        let both = try runner.hookline("log", "show", "radar", "--search", "x", "--follow")
        #expect(both.status == 64 && both.error.contains("--search and --follow exclude each other"))
    }

    // MARK: Formats

    @Test func eachFormatHasItsForm() throws {
        let date = Timestamp(seconds: 1_700_000_000)
        try add("a", code: 0, at: date, fields: #","reason":"timeout""#)

        #expect(
            try show("--format", "csv")
                == "date,response_code,reason,reason_detail,event_type,webhook_url,attempt,duration_ms,request_id,"
                + "original_id,target,webhook_id\r\n"
                + "2023-11-14T22:13:20Z,0,timeout,,issue.created,https://example.com/,1,31,a,,,\r\n")
        #expect(try show("--format", "json") == show("--json"))
        #expect(try show("--format", "json").hasPrefix(#"{"event_type":"issue.created","date":"#))
        #expect(try show("--format", "table") == show())
    }

    @Test func whatExcludesEachOtherOrIsUnknownIsRefused() throws {
        let both = try runner.hookline("log", "show", "radar", "--json", "--format", "csv")
        let unknown = try runner.hookline("log", "show", "radar", "--format", "xml")

        #expect(both.status == 64 && both.error.contains("--json and --format csv exclude each other"))
        #expect(unknown.status == 64)
        #expect(try runner.hookline("log", "show", "radar", "--json", "--format", "json").status == 0)
    }

    @Test func valuesOfCSVAreQuotedAndTheirControlCharactersEscaped() {
        #expect(CommaSeparatedText.line(["a", "", "b c"]) == "a,,b c\r\n")
        #expect(CommaSeparatedText.line(["a,b", #"say "x""#]) == #""a,b","say ""x""""# + "\r\n")
        // A formula is not altered.
        #expect(CommaSeparatedText.line(["=1+1", "@x", "-2"]) == "=1+1,@x,-2\r\n")
        #expect(CommaSeparatedText.line(["a\r\nb\t\u{9B}\u{202E}"]) == #"a\u000d\u000ab\u0009\u009b\u202e"# + "\r\n")
    }

    @Test func aTableThatGrowsKeepsItsColumns() {
        var table = TextTable(header: ["A", "B"])
        table.append(["123", "x"])
        let first = table.takeText()
        table.append(["1", "y"])
        table.append(["12345", "z"])
        let second = table.takeText()
        table.append(["1", "y"])

        #expect(first == "A    B\n123  x\n")
        #expect(second == "1      y\n12345  z\n")
        #expect(table.takeText() == "1      y\n")
        #expect(table.takeText() == "")
    }

    // MARK: Following

    /// `hookline log show radar --follow`, running.
    private func follow(_ arguments: String...) throws -> ChildProcess {
        try ChildProcess(
            [try BuiltProducts.path("hookline"), "log", "show", "radar", "--follow"] + arguments,
            environment: ["HOOKLINE_DIRECTORY": runner.setting, "HOOKLINE_REDIS": redis.url, "PATH": "/usr/bin:/bin"])
    }

    /// The ids of the rows in a table.
    private func ids(_ table: String) -> [Substring] {
        table.split(separator: "\n").dropFirst().compactMap { $0.split(separator: " ").last }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func newRowsComeAfterThoseThatAreThereUntilASignal(signal: Int32) throws {
        for number in 1...3 { try add("r\(number)", at: .now().adding(seconds: Int64(number - 10))) }

        let process = try follow("--limit", "2")
        try waitUntil("the first rows") { ids(process.standardOutput).count == 2 }
        try add("r4")
        try waitUntil("a new row") { ids(process.standardOutput).count == 3 }
        try add("r5", event: "issue.assigned")
        try add("r6", code: 503)
        try waitUntil("two more") { ids(process.standardOutput).count == 5 }
        process.send(signal: signal)

        #expect(try process.waitForExit() == .exited(0))
        #expect(ids(process.standardOutput) == ["r2", "r3", "r4", "r5", "r6"])
        #expect(process.standardError == "")
    }

    @Test func onlyWhatIsSelectedIsFollowed() throws {
        let process = try follow("--errors-only", "--event", "issue.created", "--format", "csv")
        try waitUntil("the header") { process.standardOutput.hasPrefix("date,") }

        try add("ok")
        try add("other", code: 503, event: "issue.assigned")
        try add("wanted", code: 503)
        try waitUntil("the row") { process.standardOutput.contains("wanted") }
        process.send(signal: SIGINT)

        #expect(try process.waitForExit() == .exited(0))
        #expect(process.standardOutput.split(separator: "\r\n").count == 2)
    }

    @Test func itEndsWhenNobodyReadsItsOutput() throws {
        let folder = try TemporaryDirectory()
        let program = try BuiltProducts.path("hookline")
        let process = try ChildProcess(
            [
                "/bin/sh", "-c",
                "(\(program) log show radar --follow; echo $? >\(folder.file("status"))) | "
                    + #"{ read -r line; echo "$line"; read -r line; }"#,
            ],
            environment: ["HOOKLINE_DIRECTORY": runner.setting, "HOOKLINE_REDIS": redis.url, "PATH": "/usr/bin:/bin"])
        try waitUntil("the header") { process.standardOutput.hasPrefix("TIME") }

        try add("last")

        #expect(try process.waitForExit() == .exited(0))
        #expect(try String(contentsOfFile: folder.file("status"), encoding: .utf8) == "0\n")
        #expect(process.standardError == "")
    }

    @Test func anOutageOfRedisIsReportedOnceAndSurvived() throws {
        let process = try follow()
        try waitUntil("the header") { process.standardOutput.hasPrefix("TIME") }

        try redis.command("SET", "sentry-app-webhook-request:{1}:issue.created", "x")
        try waitUntil("the error") { process.standardError.contains("trying again") }
        try redis.command("DEL", "sentry-app-webhook-request:{1}:issue.created")
        try add("after")
        try waitUntil("the row") { process.standardOutput.contains("after") }
        process.send(signal: SIGINT)

        #expect(try process.waitForExit() == .exited(0))
        #expect(process.standardError.split(separator: "\n").count == 1)
    }

    @Test func whatCannotBeReadAtTheBeginningEndsIt() throws {
        try redis.command("SET", "sentry-app-webhook-request:{1}:issue.created", "x")

        let outcome = try runner.hookline("log", "show", "radar", "--follow")

        #expect(outcome.status == 69)
        #expect(outcome.error.contains("WRONGTYPE"))
    }
}
