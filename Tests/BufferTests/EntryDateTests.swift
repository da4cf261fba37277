import Testing

@testable import Buffer

@Suite("A date at the beginning of an element")
struct EntryDateTests {
    /// Blocks of sixteen and of sixty-four bytes are looked at together: wherever a name begins, it must be seen.
    @Test(
        "A second name that may be `date` is seen at every place",
        arguments: [#""date":0"#, #""d\u0061te":0"#, #""\u0064ate":0"#])
    func everyPlace(member: String) {
        for before in 0..<150 {
            for behind in [0, 1, 2, 15, 16, 17, 63, 64, 65] {
                let text = String(repeating: "x", count: before) + "," + member + String(repeating: "y", count: behind)

                #expect(Self.mayRepeatDate(text), "\(before) bytes before, \(behind) behind")
            }
        }
    }

    @Test(
        "Names that only resemble it, and values, are passed over",
        arguments: [
            #""duration_ms":0"#, #""Date":0"#, #""t":0"#, #""x":"date""#, #""x":"\"date""#,
        ])
    func resemblance(member: String) {
        for before in 0..<150 {
            let text = String(repeating: "x", count: before) + "," + member + String(repeating: "y", count: 40)

            #expect(!Self.mayRepeatDate(text), "\(before) bytes before")
        }
    }

    private static func mayRepeatDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return EntryDate.mayRepeatDate(bytes.span, after: 0)
    }
}
