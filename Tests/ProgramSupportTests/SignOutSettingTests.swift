import Testing

@testable import ProgramSupport

/// Where the pages' link "Sign out" leads.
@Suite struct SignOutSettingTests {
    private func read(_ text: String) -> (url: String?, errors: [String]) {
        var reader = SettingReader(
            SettingValues(program: .responder, flags: [:], environment: ["HOOKLINE_SIGN_OUT_URL": text]))
        let url = reader.signOutURL()
        return (url, reader.errors.map(\.description))
    }

    @Test(arguments: [
        "/", "/oauth2/sign_out?rd=%2F#x", "https://sso.example/logout?next=https://x.example/", "http://127.0.0.1:8080",
        "https://[::1]/out",
    ])
    func aPathOrAnAddressIsTaken(text: String) {
        let (url, errors) = read(text)

        #expect(url == text)
        #expect(errors.isEmpty)
    }

    @Test func withoutOneThereIsNoLink() {
        #expect(read("").url == nil)
        #expect(read("").errors.isEmpty)
    }

    @Test(arguments: [
        ("javascript:alert(1)", "expected a path that begins with /, or an address with https:// or http://"),
        ("JavaScript://x/%0aalert(1)", "expected a path that begins with /, or an address with https:// or http://"),
        ("sign-out", "expected a path that begins with /, or an address with https:// or http://"),
        ("//evil.example/", "it begins with //, which leads to another server: begin with https:// for that"),
        ("/\\evil.example/", "it has a blank, a backslash, a control character or a character that is not ASCII"),
        ("/\t/evil.example/", "it has a blank, a backslash, a control character or a character that is not ASCII"),
        ("/ä", "it has a blank, a backslash, a control character or a character that is not ASCII"),
        ("https://", "the address has no valid host and port"),
        ("https:///x", "the address has no valid host and port"),
        ("https://sso.example:0/", "the address has no valid host and port"),
        ("https://alice:secret@sso.example/", "it has a user name or a password"),
        ("https://sso.example@evil.example/", "it has a user name or a password"),
        ("/" + String(repeating: "x", count: 2000), "it has more than 2000 bytes"),
    ])
    func anythingElseIsRefused(text: String, reason: String) {
        let (url, errors) = read(text)

        #expect(url == nil)
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix("HOOKLINE_SIGN_OUT_URL: \(reason)") == true, "\(errors)")
    }
}
