import Directory
import Model

/// Fields with a form of their own.
extension ObjectReader {
    /// A name that stands in URLs.
    func slug(_ name: String) -> String? {
        guard let slug = text(name) else { return nil }
        guard !slug.contains(where: { $0 == "/" || $0.isWhitespace }) else {
            report(name, "\"\(slug)\" must have no slash and no white space")
            return nil
        }
        return slug
    }

    /// An event's id: 32 hexadecimal digits, dashes and capital letters allowed.
    func eventID(_ name: String) -> String? {
        guard let text = string(name) else { return nil }
        let id = text.replacing("-", with: "").lowercased()
        guard id.utf8.count == 32, id.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            report(name, "\"\(text)\" is not an event id of 32 hexadecimal digits")
            return nil
        }
        return id
    }

    /// `token` in clear or `token_sha256`, just one of them. No message repeats what they hold.
    func tokenDigest() -> TokenDigest? {
        let clear = value("token")
        let hashed = value("token_sha256")
        guard (clear == nil) != (hashed == nil) else {
            problems.report(path, "needs either token or token_sha256")
            return nil
        }
        if clear != nil { return text("token").map(TokenDigest.init(hashing:)) }
        guard let text = string("token_sha256") else { return nil }
        guard let digest = TokenDigest(rawValue: text) else {
            report("token_sha256", "must be 64 lower-case hexadecimal digits")
            return nil
        }
        return digest
    }
}
