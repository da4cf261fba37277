/// Where the pages' link "Sign out" leads: a path of the same site, or an address of the single sign-on.
///
/// The pages write it into a link, so nothing may pass that a browser takes for a script or for another server than the
/// one that is read here.
enum SignOutURL {
    /// Far more than any has, and short enough for every proxy.
    private static let maximumByteCount = 2000

    /// Why a text is no such address, as the end of a sentence; nil when it is one.
    static func problem(of text: String) -> String? {
        guard text.utf8.count <= maximumByteCount else { return "it has more than \(maximumByteCount) bytes" }
        // Browsers take a backslash for a slash, and drop tabs and line ends.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            return
                "it has a blank, a backslash, a control character or a character that is not ASCII: percent-encode it"
        }
        if text.hasPrefix("//") {
            return "it begins with //, which leads to another server: begin with https:// for that"
        }
        if text.hasPrefix("/") { return nil }
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
            return "expected a path that begins with /, or an address with https:// or http://"
        }
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        if authority.contains("@") { return "it has a user name or a password" }
        return HostAndPort(parsing: authority) == nil ? "the address has no valid host and port" : nil
    }
}

extension SettingReader {
    /// Where the pages' link "Sign out" leads; nil when it is not set, or, with an error, when it is invalid.
    package mutating func signOutURL() -> String? {
        guard let text = text(.signOutURL) else { return nil }
        if let problem = SignOutURL.problem(of: text) { return refuse(.signOutURL, problem) }
        return text
    }
}
