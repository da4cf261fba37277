import ArgumentParser
import Foundation
import Model
import Testing

@testable import CLI

/// The arguments and options that several commands share.
@Suite struct CommandArgumentsTests {
    static let commandsAboutOneApp: [any ParsableCommand.Type] = [
        AppShow.self, AppEnable.self, AppDisable.self, AppSet.self, AppRotateSecret.self, AppPreviousSecretAdd.self,
        AppPreviousSecretRemove.self, LogShow.self, LogAdd.self, WhyCommand.self,
    ]

    @Test func everyCommandAboutOneAppTakesItsSlugAsTheFirstArgument() {
        for command in Self.commandsAboutOneApp {
            let help = command.helpMessage(columns: 200)
            let arguments = help.components(separatedBy: "ARGUMENTS:\n").last ?? ""

            #expect(help.contains(" <app>"), "\(command): \(help)")
            #expect(arguments.hasPrefix("  <app>                   The app's slug.\n"), "\(command): \(help)")
        }
    }

    @Test(arguments: ["0", "-1"])
    func aListNeedsALimitAboveZero(limit: String) {
        for (command, arguments) in Self.listsWithALimit {
            let error = #expect(throws: (any Error).self) { try command.parseAsRoot(arguments + ["--limit=\(limit)"]) }

            let message = error.map { command.message(for: $0) }
            #expect(message == "--limit must be greater than 0", "\(command)")
        }
    }

    @Test func aListHasALimitOfAHundredUnlessOneIsGiven() throws {
        #expect(try LogShow.parse(["radar"]).limit.maximum == 100)
        #expect(try LogShow.parse(["radar", "--limit", "1"]).limit.maximum == 1)
        #expect(try QueueList.parse([]).limit.maximum == 100)
        #expect(try QueueList.parse(["--limit", "1"]).limit.maximum == 1)
    }

    static let listsWithALimit: [(any ParsableCommand.Type, [String])] = [
        (LogShow.self, ["radar"]), (QueueList.self, []),
    ]

    @Test func aTimeOfAnOptionIsNilWithoutTheOptionAndAnErrorThatNamesItWhenItIsInvalid() throws {
        let time = try TimeArgument.timestamp(option: "--date", "2023-07-20T12:00:00Z")
        let error = #expect(throws: CommandFailure.self) { try TimeArgument.timestamp(option: "--date", "2h") }

        #expect(time == Timestamp(parsing: "2023-07-20T12:00:00Z"))
        #expect(try TimeArgument.timestamp(option: "--date", nil) == nil)
        #expect(error?.message == "--date: \"2h\" is not a time such as 2024-01-31T12:00:00Z")
    }
}
