import ProgramSupport
import System

/// A file of certificates: without a look into it, a wrong one would show as failing webhooks only.
struct AuthoritiesFile {
    let path: String

    /// What is wrong with the file; nil when it can be read and holds a certificate.
    func problem() -> String? {
        do throws(TextFile.Failure) {
            let text = try TextFile(path: path).read()
            let lines = text.split(whereSeparator: \.isNewline)
            return lines.contains("-----BEGIN CERTIFICATE-----")
                ? nil : "\(Setting.authoritiesFile.variable): \(path) holds no certificate (PEM)"
        } catch {
            return "\(Setting.authoritiesFile.variable): \(error.description)"
        }
    }
}
