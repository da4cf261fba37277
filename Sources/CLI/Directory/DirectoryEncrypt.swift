import ArgumentParser
import Directory
import Model
import ProgramSupport

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
        try options.rewriteSecrets(encrypting: true, isTrial: dryRun)
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
        try options.rewriteSecrets(encrypting: false, isTrial: dryRun)
    }
}

extension DirectoryOptions {
    fileprivate func rewriteSecrets(encrypting: Bool, isTrial: Bool) throws(CommandFailure) {
        let directory = try reader()
        let stored = try reportingDirectoryErrors(try directory.storedSecrets())
        if let problem = stored.problems.first { throw CommandFailure(.data, problem.description) }
        guard !isTrial else {
            return try StandardStreams.writeResult(
                "Unencrypted: \(stored.clear). Encrypted with the first key: \(stored.current). With another: "
                    + "\(stored.former).\n")
        }
        let rewritten = try reportingDirectoryErrors(try directory.rewriteSecrets(encrypting: encrypting))
        let action = encrypting ? "Encrypted" : "Decrypted"
        try StandardStreams.writeResult("\(action) \(rewritten.count.counted("secret")).\n")
        guard rewritten.leavesTraces, encrypting else { return }
        StandardStreams.error.write(
            "hookline: warning: \(directory.name) may still have the former texts in parts that it does not use "
                + "(docs/secrets.md)\n")
    }
}
