import ArgumentParser
import Directory
import Management
import Model
import WebhookRules
import WireJSON

/// `hookline app signing-key …`
struct AppSigningKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signing-key",
        abstract: "Sign an app's webhooks with an Ed25519 key pair, too, or stop that.",
        discussion: """
            webhook-signature then has a signature v1a beside v1. Receivers check it with the public key, which nobody \
            can forge webhooks with.
            """,
        subcommands: [
            AppSigningKeyCreate.self, AppSigningKeyShow.self, AppSigningKeyFinish.self, AppSigningKeyRemove.self,
        ])
}

/// `hookline app signing-key create`
struct AppSigningKeyCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Give an app a new key pair, and keep the old one valid for a while.",
        discussion: """
            Prints the public key; no command but 'directory export' shows the private one. The audit log of the \
            owning organization gets an entry. Running workers use the new pair within about one second.

            Examples:
              hookline app signing-key create release-radar
              hookline app signing-key create release-radar --overlap 7d
            """)

    @OptionGroup var app: AppArgument

    @Option(help: OverlapArgument.help)
    var overlap: String?

    @Option(
        help: ArgumentHelp("A file with the private key, whsk_…, instead of a random one.", valueName: "file"),
        completion: .file())
    var keyFile: String?

    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let now = Timestamp.now()
        let until = try OverlapArgument.end(overlap, from: now)
        let pair = try keyFile.map(Self.pair) ?? SigningKeyPair()
        let rotation = SecretRotation(appSlug: app.slug, now: now)
        _ = try options.changeSettings(of: app.slug, event: AuditEntry.signingKeyChanged, at: now) {
            (settings) throws(SettingsRefusal) in
            try rotation.change(&settings, to: pair.privateKey, keepingUntil: until)
        }
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "public_key", value: .string(pair.publicKey)),
            ]), text: "\(pair.publicKey)\n", of: .change)
    }

    /// No message contains the key.
    private static func pair(_ path: String) throws(CommandFailure) -> SigningKeyPair {
        let text = try InputFile.text(path, byteLimit: 8192)
        guard let pair = SigningKeyPair(privateKey: Secret(text.filter { !$0.isWhitespace })) else {
            throw CommandFailure(.data, "\(InputFile.name(path)): the key \(SigningKeyPair.rule)")
        }
        return pair
    }
}

/// `hookline app signing-key show`
struct AppSigningKeyShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the public keys that an app's webhooks can be checked with, the newest first.",
        discussion: """
            Example:
              hookline app signing-key show release-radar
            """)

    @OptionGroup var app: AppArgument
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let keys = try options.app(slug: app.slug).publicKeys(at: .now())
        guard !keys.isEmpty || output.json else { throw CommandFailure(.data, "\(app.slug) has no key pair") }
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "public_keys", value: .array(keys.map(JSONValue.string))),
            ]), text: keys.map { $0 + "\n" }.joined())
    }
}

/// `hookline app signing-key finish`
struct AppSigningKeyFinish: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "End the time of an app's former key pairs now.",
        discussion: """
            Webhooks are signed with the current pair alone. The audit log of the owning organization gets an entry.

            Example:
              hookline app signing-key finish release-radar
            """)

    @OptionGroup var app: AppArgument
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let rotation = SecretRotation(appSlug: app.slug, now: .now())
        _ = try options.changeSettings(of: app.slug, event: AuditEntry.signingKeyChanged, at: rotation.now) {
            (settings) throws(SettingsRefusal) in try rotation.finishKeys(&settings)
        }
        try output.write(
            json: .object([.init(name: "app", value: .string(app.slug))]),
            text: "No former key pair of \(app.slug) is valid any more.\n", of: .change)
    }
}

/// `hookline app signing-key remove`
struct AppSigningKeyRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove an app's key pair.",
        discussion: """
            Nothing is signed with it any more. Former key pairs stay valid to their end: 'hookline app signing-key \
            finish' ends that. The audit log of the owning organization gets an entry.

            Example:
              hookline app signing-key remove release-radar
            """)

    @OptionGroup var app: AppArgument
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: DirectoryOptions

    func run() throws {
        let rotation = SecretRotation(appSlug: app.slug, now: .now())
        _ = try options.changeSettings(of: app.slug, event: AuditEntry.signingKeyChanged, at: rotation.now) {
            (settings) throws(SettingsRefusal) in
            try rotation.change(&settings, to: nil, keepingUntil: rotation.now)
        }
        let end = try options.app(slug: app.slug).previousSecrets
            .filter { $0.isPrivateKey && $0.isValid(at: rotation.now) }.map(\.validUntil).max()
            .map(\.truncatedToSeconds.iso8601Description)
        let former = end.map { " A former one signs until \($0)." } ?? ""
        try output.write(
            json: .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "previous_valid_until", value: end.map(JSONValue.string) ?? .null),
            ]), text: "The key pair of \(app.slug) is removed.\(former)\n", of: .change)
    }
}
