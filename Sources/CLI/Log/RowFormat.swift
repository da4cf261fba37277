import ArgumentParser

/// How rows of the log are written.
enum RowFormat: String, CaseIterable, ExpressibleByArgument {
    /// Columns for a terminal.
    case table
    /// One JSON object in each line, with the stored fields.
    case json
    /// Comma-separated values (RFC 4180), with a header.
    case csv
}

/// `--format`, and `--json` as other lists have it.
struct RowFormatOptions: ParsableArguments {
    @Option(help: ArgumentHelp("table, json (one object per line) or csv. (default: table)", valueName: "format"))
    var format: RowFormat?

    @Flag(help: "The same as --format json.")
    var json = false

    /// The chosen format.
    var chosen: RowFormat { json ? .json : format ?? .table }

    func validate() throws {
        if json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other")
        }
    }
}
