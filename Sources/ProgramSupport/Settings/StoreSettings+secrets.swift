package import Directory
import Glibc
import Model

/// How the directory's secrets are stored.
extension StoreSettings {
    /// The keys that encrypt them.
    package var secretKeys: SecretKeyFile { SecretKeyFile(path: secretKeyFile) }

    /// What is to be said of them, when a program starts or is checked. Damaged ones concern their apps alone.
    ///
    /// - Throws: `unopened` when the keys, or secrets that they should decrypt, cannot be read.
    func checkSecrets(of directory: any DirectoryDatabase) throws(DirectoryError) -> CheckResult {
        let stored = try directory.storedSecrets()
        if let problem = secretKeys.problem() ?? stored.problems.first {
            throw .unopened(location: directory.name, reason: problem.description)
        }
        var result = CheckResult()
        if stored.damaged > 0 {
            let more = stored.damaged > stored.damage.count ? "; and others" : ""
            result.warnings.append(
                "damaged secrets of the directory: \(stored.damaged); nothing is sent to their apps until 'hookline "
                    + "directory encrypt --replace-unreadable' has replaced them: "
                    + stored.damage.map(\.description).joined(separator: "; ") + more)
        }
        guard let path = secretKeyFile else {
            result.results.append(
                "the directory's secrets are stored unencrypted: \(Setting.secretKeyFile.variable) names no key file"
            )
            return result
        }
        if stored.current > 0 {
            result.results.append("encrypted secrets of the directory: \(stored.current)")
        }
        if isReadableByOthers(path) {
            result.warnings.append("\(Setting.secretKeyFile.variable): everybody on this machine can read \(path)")
        }
        let command = "'hookline directory encrypt' encrypts them with the first key of \(path)"
        if stored.clear > 0 {
            result.warnings.append("unencrypted secrets of the directory: \(stored.clear); \(command)")
        }
        if stored.former > 0 {
            result.warnings.append(
                "secrets of the directory that are encrypted with a former key: \(stored.former); \(command)")
        }
        return result
    }

    private func isReadableByOthers(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IROTH != 0
    }
}
