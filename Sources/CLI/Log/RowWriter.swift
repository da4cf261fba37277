/// Writes rows of the log to standard output, page after page, under one header.
struct RowWriter {
    private let format: RowFormat
    private var table = TextTable(header: RequestListing.header)
    private var hasHeader = false

    init(_ format: RowFormat) {
        self.format = format
    }

    /// Writes the rows in their order, after the header if they are the first.
    mutating func write(_ listing: RequestListing) throws(CommandFailure) {
        switch format {
        case .json: try StandardStreams.writeResult(listing.jsonLines)
        case .table:
            for row in listing.cells { table.append(row) }
            try StandardStreams.writeResult(table.takeText())
        case .csv:
            let lines = (hasHeader ? [] : [RequestListing.names]) + listing.values
            hasHeader = true
            try StandardStreams.writeEscaped(lines.map(CommaSeparatedText.line).joined())
        }
    }
}
