package import Model

/// The settings of an app that Hookline keeps, whatever store the directory is in: an original's tables have no place
/// for them.
package struct AppSettings: Hashable, Sendable {
    /// Nil for that of the deployment.
    package var deliveryPolicy: DeliveryPolicyName?
    /// Nil for the worker's.
    package var webhookTimeoutMilliseconds: Int?
    /// Hookline's own headers: beside an original's, without those of the original.
    package var headers: [SentryApp.CustomHeader]
    /// The names of the app's other headers, which belong to an original.
    package var foreignHeaderNames: [String]
    /// The current secret; only in a directory of Hookline's own may it be changed.
    package var clientSecret: Secret
    /// The private key of Ed25519; nil = there is none.
    package var signingKey: Secret?
    /// See `SentryApp.relayTargets`.
    package var relayTargets: Secret?
    /// The newest first; none has expired.
    package var previousSecrets: [SentryApp.PreviousSecret]

    /// An app's own timeout in milliseconds; the worker's limits are narrower.
    package static let timeoutRange = 1...600_000

    package init(
        deliveryPolicy: DeliveryPolicyName? = nil, webhookTimeoutMilliseconds: Int? = nil,
        headers: [SentryApp.CustomHeader] = [], foreignHeaderNames: [String] = [], clientSecret: Secret = Secret(""),
        signingKey: Secret? = nil, relayTargets: Secret? = nil, previousSecrets: [SentryApp.PreviousSecret] = []
    ) {
        self.deliveryPolicy = deliveryPolicy
        self.webhookTimeoutMilliseconds = webhookTimeoutMilliseconds
        self.headers = headers
        self.foreignHeaderNames = foreignHeaderNames
        self.clientSecret = clientSecret
        self.signingKey = signingKey
        self.relayTargets = relayTargets
        self.previousSecrets = previousSecrets
    }

    /// Lets `change` see the settings without expired secrets.
    ///
    /// - Returns: what is to be written; nil for nothing.
    package func changed(
        at now: Timestamp, _ change: (inout AppSettings) -> AuditEntry.Draft?
    ) -> (settings: AppSettings, audit: AuditEntry.Draft)? {
        var settings = self
        settings.previousSecrets.removeAll { !$0.isValid(at: now) }
        guard let audit = change(&settings) else { return nil }
        return (settings, audit)
    }
}
