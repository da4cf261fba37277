package import Directory
package import Model
package import System

/// By whose rules requests are answered, and what recognizes users.
package struct IdentitySettings: Hashable, Sendable {
    package var protocolSettings: ProtocolSettings
    /// How sessions of the original are recognized; nil = the web server says who the user is.
    package var sessions: SessionSettings?

    package init(protocolSettings: ProtocolSettings, sessions: SessionSettings? = nil) {
        self.protocolSettings = protocolSettings
        self.sessions = sessions
    }
}

extension SettingReader {
    /// The protocol, and the sessions if their secret is set; nil, and at least one error, when a setting is invalid.
    ///
    /// - Parameter directory: nil when it is invalid, which is an error already.
    package mutating func identity(directory: DirectoryLocation?) -> IdentitySettings? {
        let count = errors.count
        let (choice, sessions) = (protocolChoice(), sessions(directory: directory))
        let settings = choice.map {
            ProtocolSettings(
                $0, keepsRequestsRoute: isOn(.legacyRequests), refusesDisabledApps: isOn(.disabledEnforcement))
        }
        guard let settings, errors.count == count else { return nil }
        return IdentitySettings(protocolSettings: settings, sessions: sessions)
    }

    /// Whose rules are followed; nil, and an error, when it is invalid.
    package mutating func protocolChoice() -> ProtocolChoice? {
        do throws(ProtocolRelease.ParseError) {
            return try ProtocolChoice(parsing: values[.protocolRelease].text)
        } catch {
            return refuse(.protocolRelease, error.description)
        }
    }

    /// Nil without the secret; with errors when a setting is invalid, or the directory has no passwords.
    private mutating func sessions(directory: DirectoryLocation?) -> SessionSettings? {
        let networks = networks(.superuserNetworks)
        guard let secret = text(.sessionSecret) else {
            // An empty file would silently sign everybody out.
            guard case .file(let path) = values[.sessionSecret].source else { return nil }
            return refuse(.sessionSecret, "\(path) is empty")
        }
        refuseSecretFlag(.sessionSecret, hasSecret: true)
        guard secret.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }),
            !secret.hasPrefix(" "), !secret.hasSuffix(" "), secret != "!!changeme!!"
        else {
            return refuse(
                .sessionSecret,
                "it is not a secret key: it has control characters or blanks around it, or is the original's "
                    + "placeholder")
        }
        if case .sqlite = directory {
            return refuse(
                .sessionSecret,
                "the embedded directory has no passwords, which sessions are checked against: set "
                    + "\(Setting.directory.variable) to the original's database, postgres://…, or remove the secret")
        }
        return SessionSettings(
            secret: Secret(secret), superuserNetworks: networks, platformOrigin: platformOrigin())
    }

    /// Networks separated by commas or spaces; with an error, and none, when one is invalid.
    package mutating func networks(_ setting: Setting) -> [CIDR] {
        do throws(CIDRError) {
            return try CIDR.list(parsing: values[setting].text)
        } catch {
            return refuse(setting, error.description) ?? []
        }
    }

    /// Scheme and authority of the platform's pages as browsers write them; nil when it is not set, or, with an error,
    /// when it is invalid.
    private mutating func platformOrigin() -> String? {
        serverURL(.platformURL, schemes: ["https", "http"], allowsPath: true).map { url in
            let host = url.server.host.lowercased()
            let port = url.server.port.flatMap { $0 == (url.scheme == "https" ? 443 : 80) ? nil : ":\($0)" } ?? ""
            return "\(url.scheme)://\(host.contains(":") ? "[\(host)]" : host)\(port)"
        }
    }
}
