import Directory
import Model
import TestSupport
import Testing

@testable import Handlers

/// Cookies that the original's framework has made (docs/protocol.md 5.3, 5.4 and 5.6): what is checked against them is
/// what Django signs, and so is what the other tests are signed with.
@Suite struct WorkedExampleTests {
    private static let time = Timestamp(seconds: 1_700_000_000)
    private static let passwordCode = "1e3813fd07861338b07020d17d03e7ac3ec5f672cb157c5040f8732ec6cb1f7a"
    private static let passwordCodeSHA1 = "535589043fd79649708433dee2db7177d5f62007"
    private static let nonce = "abcDEF012345"

    private static let json =
        #"{"_auth_user_id":"42","_auth_user_backend":"sentry.utils.auth.EmailAuthBackend","#
        + #""_auth_user_hash":"\#(passwordCode)","_nonce":"\#(nonce)"}"#
    private static let compressed =
        ".eJxVjMEKwjAQRP8lZymbbNMN3hTrb5Rks6HFGqFpDyL-uyl40NswM--91OC3dRy2IsswRXVUrVGH3zJ4vknelyJ5XZ7Ntk5zafZD09_9NJ9q"
        + "On9Pf-Toy1gxLeg0pgjkOo3oAhAYiJoioJBnFLapI8NBW2ILLSRHaIS72iTyuzQ_Mkt1-cCX_graYGvV-wOWTjuo:1r31eq"
    private static let uncompressed =
        "eyJfYXV0aF91c2VyX2lkIjoiNDIiLCJfYXV0aF91c2VyX2JhY2tlbmQiOiJzZW50cnkudXRpbHMuYXV0aC5FbWFpbEF1dGhCYWNrZW5kIiwiX2F1"
        + "dGhfdXNlcl9oYXNoIjoiMWUzODEzZmQwNzg2MTMzOGIwNzAyMGQxN2QwM2U3YWMzZWM1ZjY3MmNiMTU3YzUwNDBmODczMmVjNmNiMWY3YSIs"
        + "Il9ub25jZSI6ImFiY0RFRjAxMjM0NSJ9:1r31eq:Yy3y7cG7IpbeMvs7mSFGZeOF-SCUYnFtC9Xrpl0n8Rc"
    private static let superuserSession =
        ".eJxVj9uKwjAQht8l11Imh3aqd-p2RXyIksOE1nbrYhpQxHc3EQW9G77_MPw31uo4d20MdG57x1ZMCbb4hEbbgaasBJrm87WIcz-GIhuK5k_3"
        + "4zpdm5fpK9np0KUYJ1lz6R1gXXEpawMIAhxHB5JQW0m29BUKa3iJtgQFvkYpyFaJeNS5dDpNllKXNvan-QUupCozD5Gtbowu__kPAgBXCiApvRv"
        + "fCGD5RPNpSGhttq7xu25_PIwJxvfm-_0BthVPiQ:1r31eq:N0mqCjgjNzSCqaZengZhbCrrnwF_gM0TFLY33te5EIo"

    private static let examples = [
        compressed + ":h56IzTRAHTNlymsCcA6wF2JV4N_EJ7oIp9TgZKVuDHU", compressed + ":tVfUV7Po2o4H6QuBFT-7bu6Z5A8",
        uncompressed, superuserSession,
    ]

    private var identity: SessionIdentity {
        SessionIdentity(SessionSettings(secret: Secret(SessionFixture.secret)), rules: .default)
    }

    private func directory(nonce: String? = nonce) -> MemoryDirectory {
        var directory = MemoryDirectory()
        directory.users = [User(id: 42, username: "deep.thought", email: "", isSuperuser: true)]
        directory.logins = [42: .init(passwordHash: SessionFixture.passwordHash, nonce: nonce)]
        return directory
    }

    private func cookies(_ hash: SessionCookies.Hash = .sha256) -> SessionCookies {
        var cookies = SessionCookies(secret: SessionFixture.secret, time: WorkedExampleTests.time.seconds)
        cookies.hash = hash
        return cookies
    }

    @Test(arguments: examples)
    func aSessionOfDjangoIsRecognized(_ cookie: String) throws {
        let result = try identity.user(ofCookie: cookie, at: WorkedExampleTests.time, in: directory())

        #expect(try result.get().id == 42)
    }

    /// The framework compresses at another level than the tests do.
    @Test func theTestsSignAsDjangoDoes() throws {
        #expect(cookies().passwordCode(of: SessionFixture.passwordHash) == WorkedExampleTests.passwordCode)
        #expect(cookies(.sha1).passwordCode(of: SessionFixture.passwordHash) == WorkedExampleTests.passwordCodeSHA1)
        #expect(
            cookies().json(userID: 42, passwordHash: SessionFixture.passwordHash, nonce: WorkedExampleTests.nonce)
                == WorkedExampleTests.json)
        #expect(cookies().session(WorkedExampleTests.json) == WorkedExampleTests.uncompressed)
        #expect(
            cookies().superuser(token: "AbCdEfGhIjKl")
                == "AbCdEfGhIjKl:1r31eq:RSP0JkTFfU3evhxILb05K1WJGNF6Cr8J_OMXzW9LwSk")
        #expect(
            cookies(.sha1).superuser(token: "AbCdEfGhIjKl") == "AbCdEfGhIjKl:1r31eq:2UxaTVblQt_UkiJjFZbDZyxrFqM")
        #expect(
            cookies().signed("1", salt: "s", secret: "x") != cookies(.sha1).signed("1", salt: "s", secret: "x"))
    }

    @Test func theSuperuserPartOfDjangosSessionIsReadWithItsCookie() throws {
        let user = try #require(try directory().user(id: 42))
        let text = try #require(
            try? ValueSigner(
                salt: SessionCookies.sessionSalt, secret: Secret(SessionFixture.secret), hashes: [.sha256]
            ).value(of: WorkedExampleTests.superuserSession, maximumAge: 1, at: WorkedExampleTests.time))
        let payload = try #require(SessionPayload(decoding: text))
        let superuser = SuperuserCookie(
            SessionSettings(secret: Secret(SessionFixture.secret)), hashes: [.sha256])
        func isActive(_ cookie: String) -> Bool {
            superuser.isActive(
                payload.superuser, of: user,
                request: Request(method: "GET", path: .encoded("/"), cookie: Secret("su=" + cookie)),
                at: WorkedExampleTests.time)
        }

        #expect(
            payload.superuser
                == .init(token: "AbCdEfGhIjKl", userID: "42", expiry: 1_700_014_400, idleExpiry: 1_700_000_900))
        #expect(isActive("AbCdEfGhIjKl:1r31eq:RSP0JkTFfU3evhxILb05K1WJGNF6Cr8J_OMXzW9LwSk"))
        #expect(!isActive("AbCdEfGhIjKl:1r31eq:2UxaTVblQt_UkiJjFZbDZyxrFqM"))
    }

    @Test func bothMasksOfDjangosTokensHideTheSameSecret() throws {
        let bare = try CSRFToken("aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0eF")

        #expect(
            try CSRFToken("rW90vUfI3LEpksYdyX0Vf0Yl2mW840Xzrn23ZPlf0Ueow5PsePiE9lKhqbU9wQ14").isSame(as: bare))
        #expect(
            try CSRFToken("YDR7VWqM8CJVbUNbeJpG1eoAz44xEmXYY4KapRwj5LjUnxEqUBHpVzawXT2y6c1t").isSame(as: bare))
        #expect(
            try !CSRFToken("YDR7VWqM8CJVbUNbeJpG1eoAz44xEmXYY4KapRwj5LjUnxEqUBHpVzawXT2y6c1u").isSame(as: bare))
    }
}
