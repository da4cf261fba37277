import Foundation
import Logging
import Model
import ProgramSupport
import TestSupport
import Testing

@testable import Worker

/// What libraries log.
@Suite
struct JSONLogHandlerTests {
    private struct Broken: Error, CustomStringConvertible {
        let description = "it broke"
    }

    /// What `body` logs.
    private func logged(level: Logger.Level = .info, _ body: (inout Logger) -> Void) throws -> [String] {
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        var logger = Logger(label: "test") { _ in
            JSONLogHandler(level: level, writer: LogWriter(descriptor: descriptor))
        }
        body(&logger)
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func standsInOneLineEachAsEveryProgramsLogTimeLevelMessageThenTheFieldsByName() throws {
        let lines = try logged { logger in
            logger[metadataKey: "consumer"] = "c1"
            logger.warning("slow app", metadata: ["b": "x", "a": .stringConvertible(7), "c": .stringConvertible(true)])
        }

        let line = try #require(lines.first)
        #expect(lines.count == 1)
        #expect(line.hasPrefix(#"{"time":"20"#))
        #expect(line.hasSuffix(#","level":"warning","message":"slow app","a":7,"b":"x","c":true,"consumer":"c1"}"#))
    }

    @Test func isLeftOutBelowTheLevel() throws {
        let lines = try logged(level: .notice) { logger in
            logger.info("not this")
            logger.notice("this")
        }

        #expect(lines.count == 1)
        #expect(lines.first?.contains(#""level":"notice","message":"this"}"#) == true)
    }

    @Test func cannotTakeThePlaceOfTimeLevelOrMessageNorBreakTheLine() throws {
        let lines = try logged { logger in
            logger.info(
                "m",
                metadata: [
                    "level": "critical", "list": ["a\nb", "c"], "name\n": "1\n2",
                    "long": .string(String(repeating: "x", count: 5000)),
                ])
        }

        let line = try #require(lines.first)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(lines.count == 1)
        #expect(json["level"] as? String == "info")
        #expect(json["level_"] as? String == "critical")
        #expect(json["name\n"] as? String == "1\n2")
        #expect(line.utf8.count < 2000)
    }

    @Test func hasTheErrorThatCameWithIt() throws {
        let lines = try logged { $0.error("m", error: Broken()) }

        #expect(lines.first?.hasSuffix(#""message":"m","error":"it broke"}"#) == true)
    }

    @Test func anEventsOwnFieldWinsOverTheLoggers() throws {
        let lines = try logged { logger in
            logger[metadataKey: "a"] = "logger"
            logger.info("m", metadata: ["a": "event"])
        }

        #expect(lines.first?.hasSuffix(#""a":"event"}"#) == true)
    }
}
