import Model
import Redis
import Testing

/// The setting `HOOKLINE_REDIS`.
@Suite
struct RedisEndpointTests {
    @Test(arguments: [
        ("redis://localhost", RedisEndpoint(address: .tcp(host: "localhost", port: 6379))),
        ("redis://localhost/", RedisEndpoint(address: .tcp(host: "localhost", port: 6379))),
        ("redis://10.0.0.1:7000/3", RedisEndpoint(address: .tcp(host: "10.0.0.1", port: 7000), database: 3)),
        ("redis://[::1]:7000", RedisEndpoint(address: .tcp(host: "::1", port: 7000))),
        ("redis://[fe80::1]/2", RedisEndpoint(address: .tcp(host: "fe80::1", port: 6379), database: 2)),
        (
            "redis://:p%40ss@h", RedisEndpoint(address: .tcp(host: "h", port: 6379), password: Secret("p@ss"))
        ),
        (
            "redis://u%3A:a:b@h:1",
            RedisEndpoint(address: .tcp(host: "h", port: 1), user: "u:", password: Secret("a:b"))
        ),
        ("unix:/run/redis.sock", RedisEndpoint(address: .unix(path: "/run/redis.sock"))),
        ("unix:///run/a%20b?db=4", RedisEndpoint(address: .unix(path: "/run/a b"), database: 4)),
        (
            "unix:/s?user=u&password=p%26&db=1",
            RedisEndpoint(address: .unix(path: "/s"), user: "u", password: Secret("p&"), database: 1)
        ),
    ])
    func everyFormIsRead(setting: String, expected: RedisEndpoint) throws {
        #expect(try RedisEndpoint(parsing: setting) == expected)
    }

    @Test(arguments: [
        ("", "neither"), ("localhost:6379", "neither"), ("rediss://h", "TLS"), ("redis://", "host is missing"),
        ("redis://:secret@", "host is missing"), ("redis://secret@h", "password is missing"),
        ("redis://h:", "port"), ("redis://h:0", "port"), ("redis://h:65536", "port"), ("redis://h:+1", "port"),
        ("redis://h/x", "database"), ("redis://h/-1", "database"), ("redis://h/1/2", "database"),
        ("redis://[::1", "bracket"), ("redis://[::1]x", "port"), ("redis://:secret%2@h", "password"),
        ("redis://:secret%zz@h", "password"), ("redis://:secret%ff@h", "UTF-8"), ("redis://:secret%00@h", "UTF-8"),
        ("redis://:secret?@h", "?"), ("unix:", "path"), ("unix:relative", "path"), ("unix:/s?db=", "database"),
        ("unix:/s?secret", "unknown option without a value"), ("unix:/redis://:secret@h", "an address in it"),
        ("unix:///redis://u:secret@h", "an address in it"), ("unix:redis://:secret@h", "begin with /"),
        ("unix:/s?secret=1", "unknown option"), ("unix:/s?user=u", "without a password"),
        ("unix:/" + String(repeating: "x", count: 107), "108 bytes"),
    ])
    func errorsNameTheProblemAndContainNoSecret(setting: String, expected: String) {
        #expect {
            try RedisEndpoint(parsing: setting)
        } throws: { error in
            let text = "\(error)"
            return text.contains(expected) && (!text.contains("secret") || setting.contains("secret=1"))
        }
    }

    @Test func theDescriptionIsTheSettingWithoutThePassword() throws {
        let endpoint = try RedisEndpoint(parsing: "redis://user:hidden@[::1]:7000/2")

        #expect(endpoint.description == "redis://user:***@[::1]:7000/2")
        #expect(endpoint.server == "[::1]:7000")
        #expect(!String(reflecting: endpoint).contains("hidden"))
        #expect(try RedisEndpoint(parsing: "unix:/s?db=2&password=hidden").description == "unix:/s?db=2")
    }
}
