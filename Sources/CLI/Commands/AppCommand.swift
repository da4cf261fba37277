import ArgumentParser

/// `hookline app …`
struct AppCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app", abstract: "List and show apps, disable and enable them.",
        subcommands: [AppList.self, AppShow.self, AppDisable.self, AppEnable.self])
}
