import Foundation
import ProgramSupport
import System
import TestSupport
import Testing

/// The PID file.
@Suite
struct PIDFileTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("pid") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var text: String? { try? String(contentsOfFile: path, encoding: .utf8) }

    @Test func aClaimThatIsUndonePutsBackTheNumberThatWasThere() throws {
        try directory.write("4711\n", to: "pid")
        var file = PIDFile(path: path)

        try file.claim()
        let claimed = text
        file.undo()

        #expect(claimed == "\(getpid())\n")
        #expect(text == "4711\n")
    }

    @Test func aClaimThatIsUndoneLeavesNoFileWhereThereWasNone() throws {
        var file = PIDFile(path: path)

        try file.claim()
        file.undo()

        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    @Test func theFileGoesWithTheProcessThatItNamesAndWithASuccessorThatWasLostNotWithAnother() throws {
        let file = PIDFile(path: path)
        var rest: [String?] = []

        for (content, lost) in [("\(getpid())\n", nil), ("4711\n", 4711), ("4712\n", 4711), ("4712\n", Int32?.none)] {
            try directory.write(content, to: "pid")
            file.remove(lost: lost)
            rest.append(text)
        }

        #expect(rest == [nil, nil, "4712\n", "4712\n"])
    }

    @Test func undoingAClaimLeavesTheNumberOfAnotherProcessThatCameLater() throws {
        try directory.write("4711\n", to: "pid")
        var file = PIDFile(path: path)
        try file.claim()
        try directory.write("4712\n", to: "pid")

        file.undo()

        #expect(text == "4712\n")
    }

    @Test func anUnwritablePIDFileIsDetectedWithoutWriting() {
        #expect(PIDFile(path: path).problem() == nil)
        #expect(PIDFile(path: "/nonexistent/pid").problem()?.reason == "No such file or directory")
        #expect(PIDFile(path: directory.path).problem()?.reason == "Is a directory")
        #expect(access(path, F_OK) != 0)
    }
}
