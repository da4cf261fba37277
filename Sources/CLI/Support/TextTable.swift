import System

/// A table with columns as wide as their longest cell.
struct TextTable {
    private var rows: [[String]]
    /// Of the columns of what was taken.
    private var takenWidths: [Int] = []

    init(header: [String]) {
        rows = []
        append(header)
    }

    mutating func append(_ row: [String]) {
        rows.append(row.map { TerminalText.escaped($0) })
    }

    /// The lines of the rows that were added since the last call, for a table that grows: columns get wider, and never
    /// narrower.
    mutating func takeText() -> String {
        defer {
            takenWidths = widths
            rows = []
        }
        return text
    }

    private var widths: [Int] {
        let columnCount = max(takenWidths.count, rows.map(\.count).max() ?? 0)
        return (0..<columnCount).map { column in
            let taken = column < takenWidths.count ? takenWidths[column] : 0
            return max(taken, rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0)
        }
    }

    /// The table, two spaces between columns, none at the end of lines.
    var text: String {
        let widths = widths
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// Lines of names and values, the values aligned.
    static func fields(_ fields: [(name: String, value: String)]) -> String {
        let width = fields.map(\.name.count).max() ?? 0
        return fields.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2)
                + TerminalText.escaped(value) + "\n"
        }.joined()
    }
}
