import ArgumentParser
import Directory
import Model
import WireJSON

/// `hookline app show`
struct AppShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what decides about an app's webhooks; no secrets.",
        discussion: """
            Example:
              hookline app show release-radar
            """)

    @Argument(help: "The app's slug.")
    var slug: String

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.reader()
        let app = try options.app(slug: slug)
        let owner = try reportingDirectoryErrors { () throws(DirectoryError) in
            try directory.organization(id: app.ownerID)
        }
        try StandardStreams.writeResult(
            json ? AppText.json(app, owner: owner).compactText + "\n" : AppText.lines(app, owner: owner))
    }
}
