import Model

/// The rule of one event of the log: the log's for reading, erasure's for erasing.
enum LoggedEventPermission: Permission {
    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        if method == "DELETE" {
            try ErasurePermission.admit(caller, method: method, rules: rules)
        } else {
            try LogPermission.admit(caller, method: method, rules: rules)
        }
    }

    static func admit(_ caller: Caller, method: Method, to app: SentryApp, access: AppAccess) throws(HTTPFailure) {
        if method == .delete {
            try ErasurePermission.admit(caller, method: method, to: app, access: access)
        } else {
            try LogPermission.admit(caller, method: method, to: app, access: access)
        }
    }
}
