import Directory
import Model
import System

/// Whether a superuser has started the rights of one, and they have not ended (docs/protocol.md 5.6).
struct SuperuserCookie: Sendable {
    static let cookie = "su"
    /// 4 hours, in seconds.
    private static let maximumAge: Int64 = 14_400

    private let signer: ValueSigner
    private let networks: [CIDR]

    init(_ settings: SessionSettings, hashes: [SigningHash]) {
        signer = ValueSigner(
            salt: SuperuserCookie.cookie, secret: Secret("django.http.cookies" + settings.secret.exposed),
            hashes: hashes)
        networks = settings.superuserNetworks
    }

    /// - Parameter entry: the session's.
    func isActive(
        _ entry: SessionPayload.SuperuserEntry?, of user: User, request: Request, at now: Timestamp
    ) -> Bool {
        guard let entry, let token = entry.token, !token.isEmpty, entry.userID == String(user.id),
            let expiry = entry.expiry, let idleExpiry = entry.idleExpiry,
            let signed = request.cookie.flatMap({ CookieHeader.value(named: SuperuserCookie.cookie, in: $0.exposed) }),
            let value = try? signer.value(of: signed, maximumAge: SuperuserCookie.maximumAge, at: now),
            ConstantTime.areEqual(value.utf8, token.utf8)
        else { return false }
        let seconds = Double(now.microseconds) / 1_000_000
        return expiry >= seconds && idleExpiry >= seconds && isAllowed(request.remoteAddress)
    }

    private func isAllowed(_ address: String?) -> Bool {
        if networks.isEmpty { return true }
        guard let address = address.flatMap({ IPAddress($0) }) else { return false }
        return networks.contains { $0.contains(address) }
    }
}
