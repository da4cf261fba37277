import Model
import ProgramSupport
import Testing

/// The address of a server.
@Suite
struct ServerURLTests {
    @Test func hasASchemeAHostAndPerhapsAPortAUserWithAPasswordAndAPath() throws {
        let url = try ServerURL(parsing: "smtp://ann:p%40ss%3A@mail.example:587/base/")

        #expect(url.scheme == "smtp")
        #expect(url.user == "ann")
        #expect(url.password == Secret("p@ss:"))
        #expect(url.server.host == "mail.example")
        #expect(url.server.port == 587)
        #expect(url.path == "/base")
        #expect(url.description == "smtp://ann:***@mail.example:587/base")
    }

    @Test func mayBeAsShortAsSchemeAndHostOrHaveAnIPv6AddressInBrackets() throws {
        let name = try ServerURL(parsing: "https://sentry.example.com/")
        let address = try ServerURL(parsing: "smtps://[::1]:465")

        #expect(name.server.description == "sentry.example.com")
        #expect(name.user == nil && name.password == nil && name.path == "")
        #expect(address.server.host == "::1")
        #expect(address.description == "smtps://[::1]:465")
    }

    @Test(arguments: [
        "", "hunter2", "://hunter2", "SMTP://hunter2", "smtp://", "smtp://hunter2@h", "smtp://:hunter2@h",
        "smtp://ann:@h", "smtp://ann:hunter2%@h", "smtp://ann:hunter2%+1@h", "smtp://ann:hunter2%ff@h",
        "smtp://h:hunter2", "smtp://h:0", "smtp://h:65536", "smtp://hunter2 h", "smtp://h?hunter2",
        "smtp://[::1", "smtp://[hunter2]:1", "smtp://h:+25", "smtp://ann:hunter2%0a@h",
    ])
    func thatCannotBeReadIsRefusedInWordsThatDoNotRepeatIt(text: String) throws {
        let error = try #require(throws: ServerURL.ParseError.self) { try ServerURL(parsing: text) }

        #expect(!error.description.isEmpty)
        #expect(!error.description.contains("hunter2"))
    }
}
