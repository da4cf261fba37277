import Model

/// `GET settings/` of an app: all of its settings, also those that its details lack, as `PUT` of the app answers them,
/// and the tag with which they are changed. For those who may change it.
enum AppSettingsEndpoint: Endpoint {
    static let acceptsPost = false

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try ManagementPermission.admit(caller)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        try AppManagement.settings(context)
    }
}
