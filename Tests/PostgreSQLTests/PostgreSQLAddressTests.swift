import Model
import Testing

@testable import PostgreSQL

struct PostgreSQLAddressTests {
    private typealias Host = PostgreSQLAddress.Host

    @Test(arguments: [
        ("postgres://", PostgreSQLAddress()),
        ("postgresql://localhost", PostgreSQLAddress(hosts: [.init(name: "localhost")])),
        (
            "postgres://me@db.test:6543/sentry",
            PostgreSQLAddress(hosts: [.init(name: "db.test", port: 6543)], user: "me", database: "sentry")
        ),
        (
            "postgres://m%40e:p%2Fw%3A@a:1,b,[::1]:3/d%20b",
            PostgreSQLAddress(
                hosts: [.init(name: "a", port: 1), .init(name: "b"), .init(name: "::1", port: 3)], user: "m@e",
                password: Secret("p/w:"), database: "d b")
        ),
        (
            "postgres:///db?host=/run/postgresql",
            PostgreSQLAddress(hosts: [.init(name: "/run/postgresql")], database: "db")
        ),
        (
            "postgres://me@%2Frun%2Fpostgresql:7/db",
            PostgreSQLAddress(hosts: [.init(name: "/run/postgresql", port: 7)], user: "me", database: "db")
        ),
        (
            "postgres://?host=a,b&port=7&user=u&dbname=d",
            PostgreSQLAddress(
                hosts: [.init(name: "a", port: 7), .init(name: "b", port: 7)], user: "u", database: "d")
        ),
        (
            "postgres:///?host=a,[::1]&port=7,8",
            PostgreSQLAddress(hosts: [.init(name: "a", port: 7), .init(name: "::1", port: 8)])
        ),
    ])
    func everyFormIsRead(text: String, expected: PostgreSQLAddress) throws {
        #expect(try PostgreSQLAddress(parsing: text) == expected)
    }

    @Test func everyOptionIsRead() throws {
        let address = try PostgreSQLAddress(
            parsing: "postgres://h/d?sslmode=verify-full&sslrootcert=/a&sslcert=%2Fb&sslkey=/c"
                + "&target_session_attrs=prefer-standby&passfile=/p&application_name=x%20y&connect_timeout=3")

        #expect(address.tlsMode == .verifyFull)
        #expect(address.authorityPath == "/a")
        #expect(address.certificatePath == "/b")
        #expect(address.keyPath == "/c")
        #expect(address.sessionTarget == .preferStandby)
        #expect(address.passwordFilePath == "/p")
        #expect(address.applicationName == "x y")
        #expect(address.connectTimeout == .seconds(3))
        #expect(try PostgreSQLAddress(parsing: "postgres://h/?connect_timeout=0").connectTimeout == nil)
    }

    @Test(arguments: [
        ("", "neither"), ("mysql://h", "neither"), ("postgres://h#x", "#"), ("postgres://h:", "port"),
        ("postgres://h:0", "port"), ("postgres://h:65536", "port"), ("postgres://h:x", "port"),
        ("postgres://a,,b", "host is missing"), ("postgres://:1", "host is missing"), ("postgres://[::1", "bracket"),
        ("postgres://[::1]x", "port"), ("postgres://a%2Cb", "comma"), ("postgres://h/?host=b", "host is given twice"),
        ("postgres://u@h/?user=v", "user is given twice"), ("postgres://h/d?dbname=e", "dbname is given twice"),
        ("postgres:///?host=a,b&port=1,2,3", "3 ports for 2 hosts"), ("postgres://h/?sslmode=", "sslmode has no value"),
        ("postgres://h/?sslmode", "sslmode has no value"), ("postgres://h/?sslmode=on", "known: disable, allow"),
        ("postgres://h/?target_session_attrs=master", "known: any, read-write"),
        ("postgres://h/?connect_timeout=1s", "connect_timeout"),
        ("postgres://h/?connect_timeout=-1", "connect_timeout"),
        ("postgres://h/?options=-c%20x", "unknown option options"), ("postgres://h/?password=hidden", "password"),
        ("postgres://h/?hidden", "unknown option without a value"),
        ("postgres://h/?SSLMODE=require", "unknown option SSLMODE"), ("postgres://h/?x%1Bm=1", #"option x\u001bm"#),
        ("postgres://u:hidden%2@h", "password"), ("postgres://u:hidden%ff@h", "UTF-8"),
        ("postgres://u:hidden%00@h", "UTF-8"), ("postgres://u:hid/den@h/d", "port"),
        ("postgres:///?host=/" + String(repeating: "x", count: 92), "93 bytes"),
    ])
    func errorsNameTheProblemAndContainNoPassword(text: String, expected: String) {
        #expect {
            try PostgreSQLAddress(parsing: text)
        } throws: { error in
            "\(error)".contains(expected) && !"\(error)".contains("hid")
        }
    }

    @Test(arguments: [
        "postgres://me@a:1,[::1]:5432/d%20b", "postgres:///?host=%2Frun%2Fa%2Cb&port=5432,7",
        "postgres:///db?host=%2Fvar%2Frun%2Fpostgresql", "postgres://a%2Fb@h:5432/c%2Fd?sslmode=require&passfile=%2Fp",
        "postgres://h:5432/?target_session_attrs=read-write&application_name=x%26y&connect_timeout=3",
    ])
    func theDescriptionIsAnAddressThatMeansTheSame(text: String) throws {
        let address = try PostgreSQLAddress(parsing: text)

        #expect(try PostgreSQLAddress(parsing: address.description) == address)
    }

    @Test func theDescriptionShowsNoPassword() throws {
        let address = try PostgreSQLAddress(parsing: "postgres://me:hidden@h/d")

        #expect(address.description == "postgres://me:***@h:5432/d")
        #expect(address.hasPassword)
        #expect(!String(reflecting: address).contains("hidden"))
        #expect(try !PostgreSQLAddress(parsing: "postgres://me@h/d").hasPassword)
    }

    @Test(arguments: ["postgres://u:a?S3cr!t@h/x", "postgres://u:12/S3cr!t@h:1/x", "postgres://u:a/S3cr!t?@h/x"])
    func aPasswordThatIsNotEncodedIsNotRepeated(text: String) throws {
        let error = #expect(throws: PostgreSQLAddressError.self) { try PostgreSQLAddress(parsing: text) }

        #expect(error?.description.contains("percent-encode") == true)
        #expect(error?.description.contains("S3cr") == false)
    }
}
