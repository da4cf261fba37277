import Model
import Testing

@testable import Directory

/// What is shown of a location that may hold a password.
@Suite struct DirectoryLocationTests {
    @Test(
        arguments: [
            ("postgres://h/d", "postgres://h/d"), ("postgresql:///d?host=/run/postgresql", "postgresql:///d"),
            ("postgres://ann@h:5432/d", "postgres://ann@h:5432/d"),
            ("postgres://h1:5432,[::1]:5433/d", "postgres://h1:5432,[::1]:5433/d"), ("postgres://", "postgres://"),
            ("postgres://ann:@h/d", "postgres://ann@h/d"),
        ])
    func aURLWithoutAPasswordIsShownWithoutItsQuery(text: String, shown: String) throws {
        let location = try DirectoryLocation(parsing: text)

        #expect(location == .postgreSQL(url: Secret(text)))
        #expect(location.description == shown)
        #expect(!location.hasPassword)
    }

    @Test(
        arguments: [
            ("postgres://ann:hunter2@h:5432/d", "postgres://ann:***@h:5432/d"),
            ("postgres://ann:hun:hunter2@h/d", "postgres://ann:***@h/d"),
            ("postgres://:hunter2@h", "postgres://:***@h"),
            ("postgresql://h/d?user=ann&password=hunter2", "postgresql://h/d"),
            ("postgres://h/d?sslpassword=hunter2", "postgres://h/d"),
            ("postgres://ann:x@hunter2@h/d", "postgres://***"), ("postgres://ann:hunter2/x@h/d", "postgres://***"),
            ("postgres://ann:hunter2?x@h/d", "postgres://***"), ("postgres://ann:hunter2/d", "postgres://***"),
            ("postgres://h/d?password=x@hunter2", "postgres://***"),
        ])
    func aPasswordIsNeverShownWhereverItIs(text: String, shown: String) throws {
        let location = try DirectoryLocation(parsing: text)

        #expect(location.description == shown)
        #expect(location.hasPassword)
        #expect(!DirectoryLocation.masked(text).contains("hunter2"))
    }

    @Test(arguments: ["postgress://ann:hunter2@h/d", "postgres:/h?password=hunter2"])
    func aMistypedURLIsRefusedWithoutItsPassword(text: String) {
        let error = #expect(throws: DirectoryLocation.ParseError.self) { try DirectoryLocation(parsing: text) }

        #expect(error?.description.hasPrefix("\"***\" is not a valid directory address") == true)
        #expect(DirectoryLocation.masked(text) == "***")
    }

    @Test(
        arguments: [
            "sqlite:postgres://ann:hunter2@h/d", "sqlite:postgresql://:hunter2@h", "sqlite:redis://ann:hunter2@h:1/0",
            "sqlite:sqlite:postgres://ann:hunter2@h/d", "sqlite://ann:hunter2@h/d",
            "sqlite:postgres:///d?password=hunter2", "sqlite:\0@hunter2",
        ])
    func anAddressBehindTheWrongSchemeIsRefusedWithoutItsPassword(text: String) {
        let error = #expect(throws: DirectoryLocation.ParseError.self) { try DirectoryLocation(parsing: text) }

        #expect(error?.description == "\"***\" names no file; use sqlite:PATH or postgres://HOST/NAME")
        #expect(DirectoryLocation.masked(text) == "***")
    }

    @Test(arguments: ["sqlite:/var/a:b@c", "sqlite:///var/x@y", "sqlite:x//y@z", "sqlite:./a://b"])
    func aPathMayHaveTheCharactersOfAURL(text: String) throws {
        #expect(try DirectoryLocation(parsing: text) == .sqlite(path: String(text.dropFirst("sqlite:".count))))
    }

    @Test func anEmbeddedDirectoryHasNoPasswordAndATextWithoutOneIsShown() throws {
        #expect(try !DirectoryLocation(parsing: "sqlite:/var/a:b@c").hasPassword)
        #expect(DirectoryLocation.masked("sqlite:/var/a:b@c") == "sqlite:/var/a:b@c")
        #expect(DirectoryLocation.masked("/var/x.sqlite") == "/var/x.sqlite")
    }
}
