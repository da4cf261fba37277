/// One-dimensional arrays of text in PostgreSQL's own notation (arrays, 8.15.2 and 8.15.6): `{a,"b,c",NULL}`.
enum TextArray {
    /// The elements; nil for an element that is NULL.
    ///
    /// - Returns: nil if the text is not such an array: another dimension, bounds (`[2:3]={…}`), or broken syntax.
    static func elements(of text: String) -> [String?]? {
        var reader = Reader(bytes: Array(text.utf8)[...])
        return reader.array()
    }

    /// Every element quoted, so that none is read as NULL, a bound or a nested array.
    static func literal(_ elements: [String]) -> String {
        var output = "{"
        for (index, element) in elements.enumerated() {
            output += index == 0 ? "\"" : ",\""
            // Scalars: a backslash and a following combining mark are one Character.
            for scalar in element.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { output.unicodeScalars.append("\\") }
                output.unicodeScalars.append(scalar)
            }
            output += "\""
        }
        return output + "}"
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func array() -> [String?]? {
            guard skip("{") else { return nil }
            if skip("}") { return bytes.isEmpty ? [] : nil }
            var elements: [String?] = []
            while true {
                guard let element = element() else { return nil }
                elements.append(element.text)
                if skip("}") { return bytes.isEmpty ? elements : nil }
                guard skip(",") else { return nil }
            }
        }

        private struct Element {
            var text: String?
        }

        private mutating func element() -> Element? {
            if skip("\"") { return quoted().map(Element.init) }
            let word = bytes.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") }
            let special = "\"{\\".utf8
            guard !word.isEmpty, !word.contains(where: { special.contains($0) }) else { return nil }
            bytes = bytes.dropFirst(word.count)
            let text = String(decoding: word, as: UTF8.self)
            return Element(text: text == "NULL" ? nil : text)
        }

        /// What follows an opening quotation mark, up to the closing one.
        private mutating func quoted() -> String? {
            var output: [UInt8] = []
            while let byte = bytes.popFirst() {
                if byte == UInt8(ascii: "\"") { return String(decoding: output, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    output.append(byte)
                    continue
                }
                guard let escaped = bytes.popFirst() else { return nil }
                output.append(escaped)
            }
            return nil
        }

        private mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard let byte = bytes.first, byte == UInt8(ascii: character) else { return false }
            bytes.removeFirst()
            return true
        }
    }
}
