import ArgumentParser
import Directory
import Management
import Model
import WireJSON

/// `hookline app delete`
struct AppDelete: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an app with its installations.",
        discussion: """
            They are marked as deleted: the app gets no webhook any more, its rows stay in the directory, and its slug \
            stays taken. The audit log of the owning organization gets an entry. To stop an app for a while, use \
            'hookline app disable'.

            Example:
              hookline app delete release-radar
            """)

    @OptionGroup var app: AppArgument
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let directory = try options.manager()
        let app = try options.app(slug: app.slug)
        let (rules, now) = (try options.appRules(in: app.ownerID), Timestamp.now())
        let count = try directory.change(at: now) { (rows) throws(ManagementRefusal) in
            try AppChanges(rows, rules: rules, author: .currentOperator, at: now).delete(appID: app.id)
        }
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "installations", value: .integer(count)),
            ]), text: "Deleted \(app.slug) and its \(count.counted("installation")).\n", of: .change)
    }
}
