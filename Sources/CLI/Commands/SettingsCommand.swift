import ArgumentParser
import ProgramSupport
import System

/// `hookline settings`, for `make settings-docs`.
struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Print the example file of settings, or a page of the documentation with its tables of settings.",
        shouldDisplay: false)

    @Option(help: ArgumentHelp("The page whose tables are brought up to date.", valueName: "file"))
    var page: String?

    func run() throws {
        guard let page else { return try StandardStreams.writeResult(SettingTexts.exampleFile) }
        let text: String
        do throws(FileError) {
            text = try TextFile(path: page).read()
        } catch {
            throw CommandFailure(.noInput, error.description)
        }
        try StandardStreams.writeResult(SettingTexts.updated(page: text))
    }
}
