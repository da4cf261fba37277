import Model

@testable import Redis

/// libFuzzer's entry point: the first byte selects the parser for the others.
///
/// Compiled as a part of `Buffer`, whose parsers are internal. A violated property traps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBuffer(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: count))
    guard let mode = input.first else { return 0 }
    let text = Array(input.dropFirst())
    switch mode % 3 {
    case 0: checkScanner(text)
    case 1: checkMerge(text)
    default: checkReplies(text, replyCount: Int(mode / 3) % 4 + 1, mode < 128 ? .resp2 : .resp3)
    }
    return 0
}

/// An element gives the same result as a whole and byte by byte, and its fields are inside it.
private func checkScanner(_ entry: [UInt8]) {
    var scanner = EntryScanner(maximumDepth: 8)
    let whole = scanner.row(of: entry.span, eventIndex: 1)
    scanner.begin()
    for index in entry.indices { scanner.consume(entry.span.extracting(index..<index + 1)) }
    let pieces = scanner.finish(entry.span, eventIndex: 1)
    precondition(describe(whole) == describe(pieces), "the result depends on where the input is split")
    guard let whole else { return }
    var dates = StoredDateReader()
    if let date = EntryDate.leading(in: entry.span, &dates) {
        precondition(date == whole.date?.microseconds, "the date found without reading the element is another")
    }
    for fragment in fragments(of: whole) where fragment.isPresent {
        precondition(fragment.range.upperBound <= entry.count, "a field is outside its element")
        let text = Array(entry[fragment.range])
        var nested = EntryScanner(maximumDepth: 8)
        let wrapped = Array(#"{"response_code":1,"reason":"#.utf8) + text + [UInt8(ascii: "}")]
        precondition(nested.row(of: wrapped.span, eventIndex: 0) != nil, "a field is not a JSON value")
    }
}

/// Lists (separated by byte 255) of elements (separated by 254) are merged as defined.
private func checkMerge(_ input: [UInt8]) {
    let limit = Int(input.first ?? 0) % 16
    var lists = EntryMerge.Lists()
    var bytes: [UInt8] = []
    for list in input.dropFirst().split(separator: 255, maxSplits: 32, omittingEmptySubsequences: false) {
        for entry in list.split(separator: 254, omittingEmptySubsequences: false) {
            let start = UInt32(bytes.count)
            bytes += entry
            lists.elements.append(EntryMerge.Element(lower: start, upper: UInt32(bytes.count)))
        }
        lists.ends.append(lists.elements.count)
    }
    let expected = naiveMerge(lists, bytes, limit: limit)
    var merge = EntryMerge()
    let page = merge.page(of: &lists, in: bytes.span, ordering: .byDate, limit: limit)
    precondition(page.rows.map(\.eventIndex) == expected.map(\.row.eventIndex), "rows come from other lists")
    precondition(page.rows.map(\.date) == expected.map(\.row.date), "rows have other dates")
    precondition(page.bytes == expected.flatMap { bytes[$0.range] }, "rows are other elements")
}

private func naiveMerge(
    _ lists: EntryMerge.Lists, _ bytes: [UInt8], limit: Int
) -> [(row: WebhookRequestRow, range: Range<Int>)] {
    var rows: [(row: WebhookRequestRow, range: Range<Int>)] = []
    var start = 0
    for (list, end) in lists.ends.enumerated() {
        for element in lists.elements[start..<end] {
            var scanner = EntryScanner()
            let entry = bytes.span.extracting(element.range)
            if let row = scanner.row(of: entry, eventIndex: list) { rows.append((row, element.range)) }
        }
        start = end
    }
    let order = rows.indices.sorted {
        let left = rows[$0].row.date?.microseconds ?? .min
        let right = rows[$1].row.date?.microseconds ?? .min
        return left == right ? $0 < $1 : left > right
    }
    return order.prefix(limit).map { rows[$0] }
}

/// Replies give the same result as a whole and byte by byte, and with small limits.
private func checkReplies(_ input: [UInt8], replyCount: Int, _ version: ReplyParser.ProtocolVersion) {
    let limits = ReplyLimits(
        maximumElementBytes: 24, maximumReplyBytes: 1 << 12, maximumElements: 64, maximumLineBytes: 64,
        retainedBytes: 1 << 12, receiveBytes: 1 << 12)
    let whole = outcome(of: input, pieceSize: input.count, replyCount, limits, version)
    let pieces = outcome(of: input, pieceSize: 1, replyCount, limits, version)
    precondition(whole == pieces, "the result depends on where the input is split")
}

private func outcome(
    of input: [UInt8], pieceSize: Int, _ replyCount: Int, _ limits: ReplyLimits, _ version: ReplyParser.ProtocolVersion
) -> String {
    var reader = ReplyReader(limits: limits, protocolVersion: version)
    reader.begin(replies: replyCount)
    var fed = 0
    do throws(ReplyError) {
        while fed < input.count {
            let piece = input[fed..<min(input.count, fed + max(1, pieceSize))]
            _ = reader.receive { buffer -> Int in
                UnsafeMutableRawBufferPointer(buffer).copyBytes(from: piece)
                return piece.count
            }
            fed += piece.count
            if try reader.advance() {
                // RESP 3 keeps what follows the last reply.
                guard version == .resp3 || fed == input.count else { return "surplus" }
                if version == .resp3 {
                    try? reader.forEachMessage { _ in
                    } changed: { _ in
                    }
                }
                return "\(reader.tokens.map { ($0.kind, $0.kind == .bulk ? reader.text(of: $0) : "") })"
            }
        }
        return "incomplete"
    } catch {
        if case .malformed(let what) = error, what.hasSuffix("behind the last reply") { return "surplus" }
        return "\(error)"
    }
}

private func describe(_ row: WebhookRequestRow?) -> String {
    guard let row else { return "none" }
    return "\(row.responseCode) \(String(describing: row.date)) \(fragments(of: row))"
}

private func fragments(of row: WebhookRequestRow) -> [WebhookRequestRow.Fragment] {
    [
        row.dateText, row.responseCodeText, row.webhookURL, row.requestHeaders, row.requestBody, row.responseBody,
        row.organizationID, row.errorID, row.projectID, row.requestID, row.attempt, row.durationMilliseconds,
        row.reason, row.reasonDetail, row.originalID,
    ]
}
