import ArgumentParser
import Directory
import Management
import Model
import WireJSON

/// `hookline app previous-secret …`
struct AppPreviousSecret: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "previous-secret",
        abstract: "Keep a former client secret of an app valid for a while, or end that.",
        discussion: """
            For apps whose secret was rotated elsewhere, such as in Sentry. 'hookline app show' lists until when \
            previous secrets are valid.
            """,
        subcommands: [AppPreviousSecretAdd.self, AppPreviousSecretRemove.self])
}

/// `hookline app previous-secret add`
struct AppPreviousSecretAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Sign an app's webhooks with a former client secret, too.",
        discussion: """
            Until it ends, webhook-signature has a signature of it, and Sentry-Hook-Signature is made with it. The \
            same secret again changes its end. The audit log of the owning organization gets an entry.

            Example:
              hookline app previous-secret add release-radar --secret-file old-secret --overlap 48h
            """)

    @OptionGroup var app: AppArgument

    @Option(
        help: ArgumentHelp("A file with the former secret; - reads standard input.", valueName: "file"),
        completion: .file())
    var secretFile: String

    @Option(help: OverlapArgument.help)
    var overlap: String?

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let now = Timestamp.now()
        let until = try OverlapArgument.end(overlap, from: now)
        guard until > now else { throw CommandFailure(.data, "--overlap: must end in the future") }
        let secret = try SecretFile.secret(secretFile)
        let rotation = SecretRotation(appSlug: app.slug, now: now)
        _ = try options.changeSettings(of: app.slug, event: AuditEntry.previousSecretsChanged, at: now) {
            (settings) throws(SettingsRefusal) in try rotation.add(secret, validUntil: until, to: &settings)
        }
        let date = until.truncatedToSeconds.iso8601Description
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "previous_valid_until", value: .string(date)),
            ]), text: "Webhooks of \(app.slug) are signed with this secret, too, until \(date).\n", of: .change)
    }
}

/// `hookline app previous-secret remove`
struct AppPreviousSecretRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Stop signing an app's webhooks with a former client secret.",
        discussion: """
            The audit log of the owning organization gets an entry.

            Examples:
              hookline app previous-secret remove release-radar --secret-file old-secret
              hookline app previous-secret remove release-radar --all
            """)

    @OptionGroup var app: AppArgument

    @Option(
        help: ArgumentHelp("A file with the former secret; - reads standard input.", valueName: "file"),
        completion: .file())
    var secretFile: String?

    @Flag(help: "All previous secrets.")
    var all = false

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func validate() throws {
        guard all == (secretFile == nil) else { throw ValidationError("give either --secret-file or --all") }
    }

    func run() throws {
        let secret = try secretFile.map { (path) throws(CommandFailure) in
            try SecretFile.secret(path, mayBeKey: true)
        }
        let rotation = SecretRotation(appSlug: app.slug, now: .now())
        _ = try options.changeSettings(of: app.slug, event: AuditEntry.previousSecretsChanged, at: rotation.now) {
            (settings) throws(SettingsRefusal) in
            if let secret { return try rotation.remove(secret, from: &settings) }
            return try rotation.finish(&settings)
        }
        try output.write(
            json: .object([.init(name: "app", value: .string(app.slug))]),
            text: secret == nil
                ? "No previous secret of \(app.slug) is valid any more.\n"
                : "Webhooks of \(app.slug) are not signed with this secret any more.\n", of: .change)
    }
}
