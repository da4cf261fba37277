import Model
import Testing

struct WebhookURLTests {
    /// What requests 2.34 with urllib3 2.7 sends for these paths and queries.
    @Test(arguments: [
        ("/пример?q=ü", "/%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80?q=%C3%BC"),
        ("/a\"b<c>{d}|e^f?q=`|", "/a%22b%3Cc%3E%7Bd%7D%7Ce%5Ef?q=%60%7C"), ("", "/"), ("?x", "/?x"), ("#f", "/"),
        ("/a b?c d", "/a%20b?c%20d"), ("/a%2fb%7e%41?%7E=%zz", "/a%2Fb~A?%257E=%25zz"), ("/100%", "/100%25"),
        ("/a%zz%41", "/a%25zz%2541"), ("/%25%", "/%2525%25"), ("/a%2", "/a%252"), ("/%41?%zz", "/A?%25zz"),
        ("/a/../b/./c", "/b/c"), ("/a/%2e%2e/b", "/a/../b"), ("/..", "/"), ("/a/..", "/"), ("/a/.", "/a/"),
        ("//a//b/../c", "//a//c"), ("/../../a/b", "/a/b"), ("/a/b/..?x", "/a/?x"), ("/.../b", "/.../b"),
        ("/[x]?y[]=[1]", "/%5Bx%5D?y%5B%5D=%5B1%5D"), ("/a#frag ü", "/a"), ("/a?", "/a"), ("/a?#", "/a"),
        ("/?a=b&c=d+e%20f", "/?a=b&c=d+e%20f"), ("/a;b=c,d:e@f!$&'()*+", "/a;b=c,d:e@f!$&'()*+"),
        ("/a\\b?c\\d", "/a%5Cb?c%5Cd"), ("/%e2%82%ac", "/%E2%82%AC"), ("/a?b?c/d", "/a?b?c/d"),
        ("/e\u{301}", "/e%CC%81"), ("/\u{1F600}", "/%F0%9F%98%80"), ("/a?../b", "/a?../b"), ("/a%0Ab", "/a%0Ab"),
        ("/%2F%2E/%5b%5D", "/%2F./%5B%5D"), ("/?%41&%", "/?%2541&%25"), ("/?q='\"", "/?q='%22"),
    ])
    func theTargetIsEncodedAsTheOriginalSendsIt(_ remainder: String, _ target: String) throws {
        let url = try WebhookURL(parsing: "http://h" + remainder)

        #expect(url.target == target)
        #expect(url.text == "http://h" + target)
        #expect(try WebhookURL(parsing: url.text).target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }

    @Test(arguments: [
        ("HTTPS://User:p%40ss@Hooks.Example:8443/A", "Hooks.Example", "https://User:p%40ss@Hooks.Example:8443/A"),
        ("http://a b:c@d@h/", "h", "http://a%20b:c%40d@h/"), ("http://h:/x", "h", "http://h:/x"),
        ("http://[::1]:80/", "::1", "http://[::1]:80/"),
        ("http://[fe80::1%25lo]/", "fe80::1", "http://[fe80::1%25lo]/"),
        ("http://bücher.example?x", "bücher.example", "http://bücher.example/?x"),
        ("http://127.1/", "127.1", "http://127.1/"), ("http://１２７.0.0.1/", "１２７.0.0.1", "http://１２７.0.0.1/"),
        ("http://%31.0.0.1/", "%31.0.0.1", "http://%31.0.0.1/"),
        ("http://a_b.example./", "a_b.example.", "http://a_b.example./"),
    ])
    func hostPortAndLoginStay(_ url: String, _ host: String, _ text: String) throws {
        let url = try WebhookURL(parsing: url)

        #expect(url.host == host)
        #expect(url.text == text)
        #expect(url.isSecure == text.hasPrefix("https"))
    }

    @Test(arguments: [
        (" http://h/", "the URL begins or ends with a space"), ("http://h/ ", "the URL begins or ends with a space"),
        ("http://h/\n", "the URL contains a control character"),
        ("http://h\0/", "the URL contains a control character"),
        ("http://h/\u{7F}", "the URL contains a control character"),
        ("ftp://h/", "the URL's scheme is neither http nor https"), ("", "the URL's scheme is neither http nor https"),
        ("javascript:alert(1)", "the URL's scheme is neither http nor https"),
        ("hooks", "the URL's scheme is neither http nor https"), ("http", "the URL's scheme is neither http nor https"),
        ("http:", "the URL has no host"), ("http://", "the URL has no host"), ("http:///x", "the URL has no host"),
        ("http:/h/", "the URL has no host"), ("http://u@/", "the URL has no host"),
        ("http://:80/", "the URL has no host"),
        ("http://a b/", "the URL's host contains an invalid character"),
        ("http://a,b/", "the URL's host contains an invalid character"),
        ("http://h\\@other/", "the URL's host contains a backslash"),
        ("http://h:0/", "the URL's port is not a number from 1 to 65535"),
        ("http://h:65536/", "the URL's port is not a number from 1 to 65535"),
        ("http://h:8x/", "the URL's port is not a number from 1 to 65535"),
        ("http://::1/", "the URL's port is not a number from 1 to 65535"),
        ("http://[::1/", "the URL's host is not an IPv6 address"),
        ("http://[h]/", "the URL's host is not an IPv6 address"),
        ("http://[::1]x/", "the URL's port is not a number from 1 to 65535"),
        ("http://1.2.3.4.5/", "the URL's host ends in a number and is not an IPv4 address"),
        ("http://127.0.0.256/", "the URL's host ends in a number and is not an IPv4 address"),
        ("http://4294967296/", "the URL's host ends in a number and is not an IPv4 address"),
    ])
    func urlsThatCannotBeSentToAreRefused(_ url: String, _ reason: String) {
        #expect(throws: WebhookURL.Problem(reason: reason)) { try WebhookURL(parsing: url) }
    }
}

struct HostNumberTests {
    @Test(arguments: [
        "127.0.0.1", "127.0.0.1.", "127.0.0.1..", "127.1", "127.0.1", "2130706433", "2130706433.", "0x7f000001",
        "0x7F000001.", "0x7f.1", "0177.0.0.1", "017700000001", "0x7f.0x0.0.0x1", "127.0.0.01",
    ])
    func everySpellingOfAnAddressIsThatAddress(_ host: String) {
        #expect(HostNumber(host) == .address(0x7F00_0001))
    }

    @Test(arguments: [
        ("0", UInt32(0)), ("0x", 0), ("255.255.255.255", .max), ("4294967295", .max), ("10.255", 0x0A00_00FF),
        ("10.65536", 0x0A01_0000), ("1.2.65535", 0x0102_FFFF),
    ])
    func theLastPartFillsTheRemainder(_ host: String, _ address: UInt32) {
        #expect(HostNumber(host) == .address(address))
    }

    @Test(arguments: [
        "256.0.0.1", "127.0.0.256", "4294967296", "1.2.3.4.5", "08.0.0.1", "1..2", "example.1", "a.0x1", "1.2.65536",
        "99999999999999999999999999",
    ])
    func whatEndsInANumberAndIsNoAddressIsInvalid(_ host: String) {
        #expect(HostNumber(host) == .invalid)
    }

    @Test(arguments: [
        "example.com", "1.example", "0x7f.example.", "::1", "::ffff:127.0.0.1", "localhost", "", ".", "1a", "0xg", "-1",
    ])
    func otherHostsAreNames(_ host: String) {
        #expect(HostNumber(host) == .name)
    }
}
