import ArgumentParser
import Model

/// Which dead letters a command is about: those named, or all of them, or all of one app.
struct DeadLetterSelection: ParsableArguments {
    @Argument(help: "The dead letters' ids, as 'hookline queue list' shows them.")
    var ids: [String] = []

    @Flag(help: "All of them; with --app, all of that app.")
    var all = false

    @Option(help: "The app's slug; with --all.")
    var app: String?

    func validate() throws {
        guard all != !ids.isEmpty else { throw ValidationError("name the dead letters, or give --all") }
        guard app == nil || all else { throw ValidationError("--app goes with --all") }
    }

    /// The app that `--app` names.
    func appID(_ options: DirectoryOptions) throws(CommandFailure) -> Int64? {
        try app.map { slug throws(CommandFailure) in try options.app(slug: slug).id }
    }

    /// What to say about those that were named and not found.
    func remark(found: Int) -> String? {
        let missing = Set(ids).count - found
        guard !all, missing > 0 else { return nil }
        return "\(missing) of the \(Set(ids).count) named \(missing == 1 ? "is" : "are") not among the dead letters"
    }
}
