import Directory
import Model

/// A rule about who may use an endpoint (contract 5.5).
protocol Permission: SendableMetatype {
    /// Before the app is looked up, so that an outsider learns nothing about which slugs exist. Fails with 401 or 403.
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure)

    /// With the app at hand. Fails with 403 or, for endpoints that hide apps, with 404.
    static func admit(
        _ caller: Caller, method: Method, to app: SentryApp, directory: any DirectoryStore
    ) throws(HTTPFailure)
}

extension ScopeSet {
    /// What reading an organization's apps needs: any one of these.
    static let organizationReaders = ScopeSet([.orgRead, .orgIntegrations, .orgWrite, .orgAdmin])
}
