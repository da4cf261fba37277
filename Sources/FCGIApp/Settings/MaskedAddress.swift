/// A server's address without its password, for people to read.
struct MaskedAddress: CustomStringConvertible {
    let hasPassword: Bool
    let description: String

    /// - Parameter url: `scheme://[user][:password]@host…`; all before the last `@` counts as user and password, so that a
    ///   password with an `@` of its own is not shown in part.
    init(_ url: String) {
        guard let at = url.lastIndex(of: "@") else {
            hasPassword = false
            description = url
            return
        }
        let credentials = url[..<at].drop { $0 != "/" }.drop { $0 == "/" }
        guard let colon = credentials.firstIndex(of: ":") else {
            hasPassword = false
            description = url
            return
        }
        hasPassword = true
        description = String(url[...colon]) + "***" + String(url[at...])
    }
}
