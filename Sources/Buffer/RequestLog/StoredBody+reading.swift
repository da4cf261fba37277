import WireJSON

extension WebhookRequestRow {
    /// Whether the row has the form of 26.9: its bodies are plain text, whatever they look like. Such a row has its
    /// `request_id`, or another field of that release, before headers and bodies; where an older row has one, a reader
    /// of other releases wrote it behind them (docs/protocol.md 11.2).
    package var hasPlainBodies: Bool {
        let details = [requestHeaders, responseBody, requestBody].filter(\.isPresent).map(\.lower).min() ?? .max
        return [requestID, idempotencyKey, subjectID, durationMilliseconds].contains {
            $0.isPresent && $0.lower < details
        }
    }
}

extension StoredBody {
    /// The text of a body that a row before 26.9 has, whose JSON is encoded twice.
    ///
    /// The row does not say which of its bodies are. A string counts as encoded when it is a JSON string in ASCII,
    /// complete or truncated, whose content is JSON, or the beginning of it: everything that releases before 26.9
    /// encoded. A plain body of that form is a JSON string that contains JSON; it is decoded, too.
    ///
    /// - Parameter fragment: the stored JSON string.
    /// - Returns: nil when the body is not encoded twice.
    static func decoded(_ fragment: [UInt8]) -> (text: String, isTruncated: Bool)? {
        text(fragment).flatMap { decoded(text: $0) }
    }

    /// - Parameter text: the content of the stored JSON string.
    fileprivate static func decoded(text: String) -> (text: String, isTruncated: Bool)? {
        guard text.utf8.first == quote, text.utf8.count <= limit,
            text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        else { return nil }
        let bytes = Array(text.utf8)
        if bytes.last == quote, let content = (try? JSONValue(parsing: bytes))?.string {
            return isJSON(Array(content.utf8)) ? (content, false) : nil
        }
        guard bytes.count == limit, let content = truncatedString(bytes), beginsLikeJSON(Array(content.utf8)) else {
            return nil
        }
        return (content, true)
    }

    /// Whether a body that is not encoded twice has the length at which bodies are cut: 1024 characters in rows of
    /// 26.9, before 1024 bytes.
    static func hasFullLength(_ fragment: [UInt8], isOfNewForm: Bool) -> Bool {
        guard fragment.count >= limit, let text = text(fragment) else { return false }
        return (isOfNewForm ? text.unicodeScalars.count : text.utf8.count) >= limit
    }

    fileprivate static func text(_ fragment: [UInt8]) -> String? {
        (try? JSONValue(parsing: fragment, limits: JSONValue.Limits(maximumByteCount: fragment.count)))?.string
    }

    private static let quote = UInt8(ascii: "\"")

    /// The content of a JSON string without its end; an escape that is not complete is left out. Nil when the string
    /// ends before `bytes` do.
    private static func truncatedString(_ bytes: [UInt8]) -> String? {
        var end = 1
        while end < bytes.count {
            guard bytes[end] != quote else { return nil }
            guard let length = escapeLength(bytes, at: end) else { break }
            end += length
        }
        return (try? JSONValue(parsing: bytes[..<end] + [quote]))?.string
    }

    /// The bytes of one character or escape, of two for a surrogate pair; nil when its end is missing.
    private static func escapeLength(_ bytes: [UInt8], at index: Int) -> Int? {
        guard bytes[index] == UInt8(ascii: "\\") else { return 1 }
        guard index + 1 < bytes.count else { return nil }
        guard bytes[index + 1] == UInt8(ascii: "u") else { return 2 }
        guard index + 6 <= bytes.count else { return nil }
        let unit = UInt16(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16) ?? 0
        guard (0xD800..<0xDC00).contains(unit) else { return 6 }
        return index + 12 <= bytes.count ? 12 : nil
    }

    private static func beginsLikeJSON(_ content: [UInt8]) -> Bool {
        var scanner = JSONScanner(options: JSONScanner.Options(acceptsNonFinite: true))
        scanner.consume(content.span.extracting(droppingFirst: markEnd(content)))
        return !scanner.hasFailed
    }
}

extension WebhookRequestPage {
    /// What is known of a stored body.
    package struct Body {
        /// The plain text as a JSON string; nil when it is stored as plain text already, or absent.
        package var plain: [UInt8]?
        /// Whether the log has only its beginning, as far as the length says so.
        package var isTruncated = false

        package init() {}
    }

    /// - Parameter body: the row's request or response body.
    package static func body(
        _ body: WebhookRequestRow.Fragment, of row: WebhookRequestRow, in bytes: Span<UInt8>
    ) -> Body {
        var result = Body()
        guard body.isPresent else { return result }
        let fragment = bytes.extracting(body.range).withUnsafeBufferPointer { Array($0) }
        let isOfNewForm = row.hasPlainBodies
        guard !isOfNewForm, let (text, isTruncated) = StoredBody.decoded(fragment) else {
            result.isTruncated = StoredBody.hasFullLength(fragment, isOfNewForm: isOfNewForm)
            return result
        }
        var output: [UInt8] = []
        JSONText.append(text, escaping: .unicode, to: &output)
        result.plain = output
        result.isTruncated = isTruncated
        return result
    }

    /// The plain text of a stored body; nil when it is absent or no string.
    static func text(
        of body: WebhookRequestRow.Fragment, _ row: WebhookRequestRow, in bytes: Span<UInt8>
    ) -> String? {
        guard body.isPresent else { return nil }
        let fragment = bytes.extracting(body.range).withUnsafeBufferPointer { Array($0) }
        guard let text = StoredBody.text(fragment) else { return nil }
        return row.hasPlainBodies ? text : StoredBody.decoded(text: text)?.text ?? text
    }
}
