/// Finds an element's date without reading all of it.
enum EntryDate {
    /// Where the date's closing quote stands in `{"date":"2019-09-25 23:54:54.440000+00:00"`.
    private static let end = 9 + StoredDateReader.canonicalCount

    /// The date, in microseconds since the epoch, of an element that begins as every present writer begins it,
    /// `{"date":"…"`, and in which no later member can be called `date`; nil = read the element to know.
    ///
    /// Whether the rest of the element is JSON is not looked at: an element that is not is left out when it is picked.
    @inline(__always)
    static func leading(in entry: Span<UInt8>, _ reader: inout StoredDateReader) -> Int64? {
        // {"date": as one word, the first character lowest; then the opening and the closing quote.
        guard entry.count > end,
            UInt64(littleEndian: entry.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt64.self))
                == 0x3A22_6574_6164_227B,
            entry[unchecked: 8] == UInt8(ascii: "\""), entry[unchecked: end] == UInt8(ascii: "\""),
            let date = reader.canonicalMicroseconds(entry, at: 9), !mayRepeatDate(entry, after: end)
        else { return nil }
        return date
    }
}
