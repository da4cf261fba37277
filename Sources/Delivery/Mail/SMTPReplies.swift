/// What a mail server says, reply by reply (RFC 5321, 4.2): a reply is one or more lines with the same code.
final class SMTPReplies {
    /// Of one reply's words; the rest is left out.
    static let wordsLimit = 300
    /// Replies that are kept: those to the commands of one mail.
    private static let countLimit = 16

    private var replies: [(code: Int, words: [UInt8])] = []
    private var isInside = false

    /// Takes a line, which ends with a line break; what is no line of a reply is left out.
    func append(line: some Sequence<UInt8>) {
        let line = Array(line)
        guard line.count >= 3, let code = Int(String(decoding: line.prefix(3), as: UTF8.self)) else { return }
        if !isInside {
            if replies.count == Self.countLimit { replies.removeFirst() }
            replies.append((code, []))
        }
        isInside = line.count > 3 && line[3] == UInt8(ascii: "-")
        let text = line.dropFirst(4).filter { $0 != 13 && $0 != 10 }
        let last = replies.count - 1
        let separator = replies[last].words.isEmpty ? [] : [UInt8(ascii: " ")]
        replies[last].words = Array((replies[last].words + separator + text).prefix(Self.wordsLimit))
    }

    /// The words of the last reply with this code, in one line.
    func words(code: Int) -> String {
        let words = replies.last { $0.code == code }?.words ?? []
        return String(decoding: words.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}
