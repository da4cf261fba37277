import ArgumentParser
import Directory
import Management
import Model
import WebhookRules
import WireJSON

/// `hookline app rotate-secret`
struct AppRotateSecret: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-secret",
        abstract: "Give an app a new client secret, and keep the old one valid for a while.",
        discussion: """
            During the overlap, webhook-signature has a signature for each secret, and Sentry-Hook-Signature, which \
            has room for one, is made with the old one. So a receiver of webhook-signature can change its secret at \
            any time in between. The overlap ends by itself, or with --finish.

            The new secret is printed once, as it is and in the form that the libraries of Standard Webhooks want. The \
            audit log of the owning organization gets an entry. Running workers use the new secret within about one \
            second.

            Beside a Sentry the secret is Sentry's: rotate it there, and give Hookline the old one with 'hookline app \
            previous-secret add'.

            Examples:
              hookline app rotate-secret release-radar
              hookline app rotate-secret release-radar --overlap 7d --json
              hookline app rotate-secret release-radar --finish
            """)

    @OptionGroup var app: AppArgument

    @Option(help: OverlapArgument.help)
    var overlap: String?

    @Flag(help: "Make no new secret: end the overlap now.")
    var finish = false

    @Option(
        help: ArgumentHelp("A file with the new secret, instead of a random one.", valueName: "file"),
        completion: .file())
    var secretFile: String?

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func validate() throws {
        guard !finish || (overlap == nil && secretFile == nil) else {
            throw ValidationError("--finish makes no new secret: give neither --overlap nor --secret-file with it")
        }
    }

    func run() throws {
        guard !finish else { return try end() }
        let now = Timestamp.now()
        let until = try OverlapArgument.end(overlap, from: now)
        let given = try secretFile.map { (path) throws(CommandFailure) in try SecretFile.secret(path) }
        let secret = given ?? Secret(RandomText.secret())
        let rotation = SecretRotation(appSlug: app.slug, now: now)
        _ = try options.changeSettings(of: app.slug, event: AuditEntry.clientSecretRotated, at: now) {
            (settings) throws(SettingsRefusal) in try rotation.rotate(&settings, to: secret, keepingUntil: until)
        }
        try report(secret, isGiven: given != nil, until: until > now ? until : nil)
    }

    private func end() throws {
        let rotation = SecretRotation(appSlug: app.slug, now: .now())
        _ = try options.changeSettings(of: app.slug, event: AuditEntry.previousSecretsChanged, at: rotation.now) {
            (settings) throws(SettingsRefusal) in try rotation.finish(&settings)
        }
        try output.write(
            json: .object([.init(name: "app", value: .string(app.slug))]),
            text: "No previous secret of \(app.slug) is valid any more.\n", of: .change)
    }

    private func report(_ secret: Secret, isGiven: Bool, until: Timestamp?) throws {
        let standard = SigningKey.standardForm(of: secret)
        let date = until?.truncatedToSeconds.iso8601Description
        let previous = date.map { "The old one stays valid until \($0)." } ?? "The old one is not used any more."
        guard !isGiven else {
            return try output.write(
                json: .object([
                    .init(name: "app", value: .string(app.slug)),
                    .init(name: "previous_valid_until", value: date.map(JSONValue.string) ?? .null),
                ]), text: "\(app.slug) has the new client secret. \(previous)\n", of: .change)
        }
        StandardStreams.error.write(
            "\(app.slug) has a new client secret. Store it now: only an export shows it again. \(previous)\n")
        var table = TextTable(header: ["client secret:", secret.exposed])
        table.append(["for Standard Webhooks:", standard.exposed])
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "client_secret", value: .string(secret.exposed)),
                .init(name: "standard_webhooks_secret", value: .string(standard.exposed)),
                .init(name: "previous_valid_until", value: date.map(JSONValue.string) ?? .null),
            ]), text: table.text, of: .change)
    }
}

/// A file with a client secret.
enum SecretFile {
    /// Its secret, without a line end.
    ///
    /// - Throws: `data` when it does not fit the rule for secrets. No message contains it.
    ///
    /// - Parameter mayBeKey: whether it may be a private key.
    static func secret(_ path: String, mayBeKey: Bool = false) throws(CommandFailure) -> Secret {
        var text = try InputFile.text(path, byteLimit: 8192)
        // A carriage return and a line feed are one character.
        if text.last?.isNewline == true { text.removeLast() }
        let secret = Secret(text)
        let rule = mayBeKey ? SigningKey.problemOfPrevious(secret) : SigningKey.problem(of: secret)?.description
        guard let problem = rule else { return secret }
        throw CommandFailure(.data, "\(InputFile.name(path)): the secret \(problem)")
    }
}
