import Foundation
import ProgramSupport
import TestSupport
import Testing

/// The file that a program is started from again.
@Suite
struct ProgramFileTests {
    private let running = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")

    @Test func isTheOneThatTheProgramWasCalledBySymbolicLinksAndAll() throws {
        let directory = try TemporaryDirectory()
        let link = directory.file("current")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: try #require(running))

        #expect(ProgramFile(calledAs: link, searchPath: nil)?.path == link)
    }

    @Test func isFoundByItsNameAsTheShellFoundIt() throws {
        let directory = try TemporaryDirectory()
        let other = try TemporaryDirectory()
        // Another program of the same name in front of it is not this one.
        try other.write("", to: "current")
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("current"), withDestinationPath: try #require(running))

        let file = ProgramFile(calledAs: "current", searchPath: "/nonexistent:\(other.path):\(directory.path)")

        #expect(file?.path == directory.file("current"))
    }

    @Test(arguments: ["", "no-such-program", "/nonexistent/program"])
    func isTheRunningOneWhereTheNameLeadsNowhere(word: String) throws {
        #expect(ProgramFile(calledAs: word, searchPath: "/usr/bin")?.path == running)
    }
}
