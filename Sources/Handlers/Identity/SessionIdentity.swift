package import Directory
package import Model

/// Recognizes users by the original's session cookie (docs/protocol.md 5.3), and superusers by a second one (5.6).
///
/// Reads cookies only: it neither renews a session nor sets a cookie. Used by one thread.
package struct SessionIdentity {
    static let cookie = "sentrysid"
    /// 14 days, in seconds.
    private static let maximumAge: Int64 = 1_209_600

    /// The ways of signing in that the original is configured with.
    private static let backends: Set<String> = [
        "sentry.utils.auth.EmailAuthBackend", "social_auth.backends.asana.AsanaBackend",
        "social_auth.backends.github.GithubBackend", "social_auth.backends.bitbucket.BitbucketBackend",
        "social_auth.backends.visualstudio.VisualStudioBackend",
    ]

    private let signer: ValueSigner
    private let superuser: SuperuserCookie
    /// The keys of the codes that sessions have of their user's password.
    private let passwordKeys: [(hash: SigningHash, key: [UInt8])]
    /// Of this secret and release: others begin without any.
    let recent = RecentSessions()

    package init(_ settings: SessionSettings, rules: ProtocolRules) {
        let hashes = rules.includes(.onlySHA256) ? [SigningHash.sha256] : [.sha256, .sha1]
        signer = ValueSigner(
            salt: "django.contrib.sessions.backends.signed_cookies", secret: settings.secret, hashes: hashes)
        superuser = SuperuserCookie(settings, hashes: hashes)
        let text = Array(
            ("django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash" + settings.secret.exposed).utf8)
        passwordKeys = hashes.map { ($0, $0.digest(text)) }
    }

    /// A session and its user.
    struct Session {
        let user: User
        /// Whether the superuser rights that the session may have are in force for this request.
        let isActiveSuperuser: Bool
    }

    /// The session of `request`; nil where it has none that is accepted, whatever the reason.
    func session(of request: Request, at now: Timestamp, in directory: any DirectoryStore) throws(HTTPFailure)
        -> Session?
    {
        guard let cookies = request.cookie?.exposed,
            let value = CookieHeader.value(named: SessionIdentity.cookie, in: cookies)
        else { return nil }
        switch try orUnavailable(verify(value, at: now, in: directory)) {
        case .failure: return nil
        case .success(let (user, session)):
            return Session(
                user: user,
                isActiveSuperuser: user.isSuperuser
                    && superuser.isActive(session.payload.superuser, of: user, request: request, at: now))
        }
    }

    /// The user of a session cookie, or why it is not accepted; for a check of the configuration.
    ///
    /// - Parameter text: the value, or a header `Cookie` with it.
    package func user(
        ofCookie text: String, at now: Timestamp, in directory: any DirectoryStore
    ) throws(DirectoryError) -> Result<User, SessionRejection> {
        // A value alone is trimmed like one with a name.
        let value =
            CookieHeader.value(named: SessionIdentity.cookie, in: text)
            ?? CookieHeader.value(named: "", in: "=" + text)
        return try verify(value ?? "", at: now, in: directory).map(\.user)
    }

    private func verify(
        _ cookie: String, at now: Timestamp, in directory: any DirectoryStore
    ) throws(DirectoryError) -> Result<(user: User, session: RecentSessions.Entry), SessionRejection> {
        let session: RecentSessions.Entry
        do throws(SessionRejection) {
            session = try self.session(ofCookie: cookie, at: now)
        } catch {
            return .failure(error)
        }
        guard let known = try directory.sessionUser(id: session.userID) else { return .failure(.unknownUser) }
        return rejection(of: session, for: known).map { .failure($0) } ?? .success((known.user, session))
    }

    /// What a cookie with a good signature says, as far as it does not depend on the directory.
    private func session(ofCookie cookie: String, at now: Timestamp) throws(SessionRejection) -> RecentSessions.Entry {
        let key = recent.key(of: cookie)
        if let entry = recent.entry(for: key) {
            try SessionIdentity.checkAge(since: entry.signedAt, at: now)
            return entry
        }
        let signed: ValueSigner.Signed
        do throws(ValueSigner.Problem) {
            signed = try signer.verified(cookie)
        } catch {
            throw SessionRejection(error)
        }
        try SessionIdentity.checkAge(since: signed.time, at: now)
        guard let payload = SessionPayload(decoding: signed.value) else { throw .undecodable }
        guard let userID = payload.userID else { throw .notSignedIn }
        guard let backend = payload.backend, SessionIdentity.backends.contains(backend) else { throw .unknownBackend }
        guard let id = PythonNumber.int(userID) else { throw .unknownUser }
        let entry = RecentSessions.Entry(userID: Int64(id), payload: payload, signedAt: signed.time)
        recent.insert(entry, for: key)
        return entry
    }

    private static func checkAge(since time: Timestamp, at now: Timestamp) throws(SessionRejection) {
        do throws(ValueSigner.Problem) {
            try ValueSigner.checkAge(since: time, at: now, maximum: maximumAge)
        } catch {
            throw SessionRejection(error)
        }
    }

    private func rejection(of session: RecentSessions.Entry, for known: SessionUser) -> SessionRejection? {
        guard isPassword(known.passwordHash, of: session) else { return .otherPassword }
        if !known.user.isSentryApp, let nonce = known.nonce?.exposed, !nonce.isEmpty,
            !ConstantTime.areEqual((session.payload.nonce ?? "").utf8, nonce.utf8)
        {
            return .otherNonce
        }
        return known.user.isActive ? nil : .inactiveUser
    }

    /// Whether the session was begun with this password.
    private func isPassword(_ passwordHash: Secret, of session: RecentSessions.Entry) -> Bool {
        if let verified = session.verifiedPasswordHash,
            ConstantTime.areEqual(verified.exposed.utf8, passwordHash.exposed.utf8)
        {
            return true
        }
        guard let code = session.payload.passwordCode, isCode(code, of: passwordHash) else { return false }
        session.verifiedPasswordHash = passwordHash
        return true
    }

    private func isCode(_ code: String, of passwordHash: Secret) -> Bool {
        passwordKeys.contains { hash, key in
            let expected = Hexadecimal.text(of: hash.code(passwordHash.exposed.utf8, key: key))
            return ConstantTime.areEqual(code.utf8, expected.utf8)
        }
    }
}

/// Why a session cookie is not accepted. No description has a part of the cookie.
package enum SessionRejection: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    case wrongSignature
    case expired(ageSeconds: Int64)
    case undecodable
    case notSignedIn
    case unknownBackend
    case unknownUser
    case otherPassword
    case otherNonce
    case inactiveUser

    init(_ problem: ValueSigner.Problem) {
        switch problem {
        case .malformed: self = .malformed
        case .wrongSignature: self = .wrongSignature
        case .expired(let ageSeconds): self = .expired(ageSeconds: ageSeconds)
        }
    }

    package var description: String {
        switch self {
        case .malformed:
            "it is not the value of the cookie sentrysid: that has three parts with colons between them"
        case .wrongSignature:
            "it is not signed with the configured secret: compare it with the original's system.secret-key, and copy "
                + "the whole value of the cookie"
        case .expired(let ageSeconds):
            "it expired: it is \(ageSeconds / 86_400) days old, the limit is 14. Sign in again"
        case .undecodable: "it is signed with the configured secret, but is no session: not JSON, or too long"
        case .notSignedIn: "nobody has signed in completely in this session"
        case .unknownBackend: "the session was started in a way that self-hosted installations do not have"
        case .unknownUser: "the directory has no user with the session's id: is it the original's database?"
        case .otherPassword: "the user's password was changed after the session had begun. Sign in again"
        case .otherNonce: "the user has ended all sessions after this one had begun. Sign in again"
        case .inactiveUser: "the user is not active"
        }
    }
}

/// Bytes as lower-case hexadecimal digits.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(of bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
