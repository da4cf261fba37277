import ArgumentParser

/// `hookline`: the operators' command line.
@main
struct Hookline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hookline", abstract: "Manage a Hookline deployment: its directory, its tokens and its log.")
}
