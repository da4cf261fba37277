import ArgumentParser
import Directory
import Management
import Model
import ProgramSupport
import WireJSON

/// `hookline directory encrypt`
struct DirectoryEncrypt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encrypt",
        abstract: "Encrypt the stored secrets with the first key of HOOKLINE_SECRET_KEY_FILE.",
        discussion: """
            Client secrets, previous secrets, private keys and the values of custom headers that are stored \
            unencrypted, or are encrypted with another key of the file. New ones are encrypted in any case. Beside a \
            Sentry, its client secrets stay as they are. The programs may run meanwhile, if they have the same file.

            Examples:
              openssl rand -base64 32 > /etc/hookline/secret.key
              hookline directory encrypt
            """)

    @Flag(help: "Only say how the secrets are stored.")
    var dryRun = false

    @Flag(
        help: """
            If the key is lost: give a new client secret to each app whose own cannot be read, and remove other \
            secrets that cannot be read.
            """)
    var replaceUnreadable = false

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        guard let path = try CommandDeliverySettings().secretKeyFile() else {
            throw CommandFailure(
                .configuration,
                "\(Setting.secretKeyFile.variable) names no file: make a key with 'openssl rand -base64 32'")
        }
        if let problem = SecretKeyFile(path: path).problem() {
            throw CommandFailure(.configuration, problem.description)
        }
        try options.rewriteSecrets(replaceUnreadable ? .encryptedReplacingUnreadable : .encrypted, isTrial: dryRun)
    }
}

/// `hookline directory decrypt`
struct DirectoryDecrypt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt",
        abstract: "Store the secrets unencrypted, to go on without HOOKLINE_SECRET_KEY_FILE.",
        discussion: """
            Stop the programs first, and start them without the setting: they would encrypt what they write.

            Example:
              hookline directory decrypt
            """)

    @Flag(help: "Only say how the secrets are stored.")
    var dryRun = false

    @OptionGroup var options: DirectoryOptions

    func run() throws {
        try options.rewriteSecrets(.unencrypted, isTrial: dryRun)
    }
}

extension DirectoryOptions {
    fileprivate func rewriteSecrets(_ form: SecretRewriting, isTrial: Bool) throws(CommandFailure) {
        let directory = try reader()
        let stored = try reportingDirectoryErrors(try directory.storedSecrets())
        if isTrial {
            let unreadable = stored.unreadable > 0 ? " Unreadable: \(stored.unreadable)." : ""
            try StandardStreams.writeResult(
                "Unencrypted: \(stored.clear). Encrypted with the first key: \(stored.current). With another: "
                    + "\(stored.former).\(unreadable)\n")
        }
        if form != .encryptedReplacingUnreadable, let problem = (stored.problems + stored.damage).first {
            let remedy =
                problem.isDamage
                ? "; 'hookline directory encrypt --replace-unreadable' replaces what cannot be read" : ""
            throw CommandFailure(.data, problem.description + remedy)
        }
        guard !isTrial else { return }
        let now = Timestamp.now()
        let rewritten = try reportingDirectoryErrors(
            try directory.rewriteSecrets(form, at: now, audit: { Self.audit($0, at: now) }))
        for app in rewritten.repairedApps {
            StandardStreams.error.write(
                "\(app.slug) has lost secrets (\(app.secrets.joined(separator: ", "))): give its receiver a new one "
                    + "with 'hookline app rotate-secret', and check its headers\n")
        }
        warnOfTraces(rewritten, in: directory)
        let action = form == .unencrypted ? "Decrypted" : "Encrypted"
        try StandardStreams.writeResult("\(action) \(rewritten.count.counted("secret")).\n", of: .change)
    }

    private static func audit(_ app: RepairedApp, at date: Timestamp) -> AuditEntry.Draft {
        AuditEntry.Draft(
            event: AuditEntry.lostSecretsReplaced, by: .currentOperator, organizationID: app.organizationID,
            members: [.init(name: "name", value: .string(app.slug))],
            changes: app.secrets.map { "\($0), which could not be read" }, at: date)
    }

    private func warnOfTraces(_ rewritten: RewrittenSecrets, in directory: any DirectoryDatabase) {
        guard rewritten.leavesTraces else { return }
        let remedy =
            if let problem = rewritten.traceProblem {
                "\(problem): run the command again when that is mended"
            } else if directory is SQLiteDirectory {
                "other programs read it: run the command again when they have ended"
            } else {
                "VACUUM FULL removes them from the tables"
            }
        StandardStreams.error.write(
            "hookline: warning: \(directory.name) may still have unencrypted secrets in parts that it does not use; "
                + "\(remedy) (docs/secrets.md)\n")
    }
}
