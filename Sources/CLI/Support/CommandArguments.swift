import ArgumentParser
import Model
import WireJSON

/// The argument of a command that names one app.
struct AppArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The app's slug.", valueName: "app"))
    var slug: String
}

/// The option of a command about one app, whose arguments are something else.
struct AppOption: ParsableArguments {
    @Option(name: .customLong("app"), help: ArgumentHelp("The app's slug.", valueName: "app"))
    var slug: String
}

/// The option of a command that needs to know the event's project.
struct ProjectOption: ParsableArguments {
    @Option(
        name: .customLong("project"),
        help: ArgumentHelp("The event's project: its slug or id.", valueName: "project"))
    var name: String?
}

/// The output of a command with one result: text, or JSON with `--json`.
struct ResultOutput: ParsableArguments {
    @Flag(help: "One JSON object.")
    var json = false

    /// Writes the result to standard output, in the chosen form.
    ///
    /// - Parameter work: what the command has done.
    func write(
        json object: @autoclosure () -> JSONValue, text: @autoclosure () -> String,
        of work: StandardStreams.Work = .reading
    ) throws(CommandFailure) {
        try StandardStreams.writeResult(json ? object().compactText + "\n" : text(), of: work)
    }
}

/// The output of a command that lists things: a table, or JSON with `--json`.
struct ListOutput: ParsableArguments {
    @Flag(help: "One JSON object per line.")
    var json = false

    /// Writes the list to standard output, in the chosen form.
    ///
    /// - Parameters:
    ///   - header: the table's first row.
    ///   - row: the table's row of an item: as many cells as `header` has.
    func write<Item>(
        _ items: [Item], json object: (Item) -> JSONValue, header: [String], row: (Item) -> [String]
    ) throws(CommandFailure) {
        if json {
            try StandardStreams.writeResult(items.map { object($0).compactText + "\n" }.joined())
        } else {
            var table = TextTable(header: header)
            for item in items { table.append(row(item)) }
            try StandardStreams.writeResult(table.text)
        }
    }
}

/// The limit of a list's length.
struct LimitOption: ParsableArguments {
    @Option(name: .customLong("limit"), help: ArgumentHelp("At most this many.", valueName: "limit"))
    var maximum = 100

    func validate() throws {
        guard maximum > 0 else { throw ValidationError("--limit must be greater than 0") }
    }
}
