import Model
import TestSupport
import Testing

@testable import Directory

@Suite struct TokenWritingTests {
    @Test(arguments: DirectoryCase.allCases) func aNewTokenGetsTheNextIdAndIsFoundAtOnce(kind: DirectoryCase) throws {
        let fixture = try kind.make()
        let entry = DirectoryDocument.TokenEntry(
            digest: TokenDigest(hashing: "new"), userID: 3, scopes: ScopeSet(.eventRead), name: "n")

        let token = try fixture.writer().addToken(entry, at: Timestamp(seconds: 5)) { _ in [] }

        #expect(token.id == 2)
        #expect(token.dateAdded == Timestamp(seconds: 5))
        #expect(try fixture.token("new") == token)
        #expect(try fixture.directory.tokens().map(\.user.username) == ["alice", "carol"])
    }

    @Test(arguments: DirectoryCase.allCases) func aTokenWithoutAUserAndADuplicateAreRefused(kind: DirectoryCase) throws
    {
        let fixture = try kind.make()
        let writer = try fixture.writer()
        func entry(_ text: String, user: Int64) -> DirectoryDocument.TokenEntry {
            DirectoryDocument.TokenEntry(digest: TokenDigest(hashing: text), userID: user, scopes: [])
        }

        #expect(throws: DirectoryError.conflict(reason: "there is no user 99")) {
            try writer.addToken(entry("x", user: 99), at: .now()) { _ in [] }
        }
        #expect(
            throws: DirectoryError.conflict(reason: "the token is used by another token in the directory")
        ) { try writer.addToken(entry("secret", user: 1), at: .now()) { _ in [] } }
    }

    @Test(arguments: DirectoryCase.allCases) func removingTokensRemovesAllThatAreNamedOrNone(kind: DirectoryCase) throws
    {
        let fixture = try kind.make()
        let writer = try fixture.writer()

        #expect(throws: DirectoryError.conflict(reason: "there is no token 9")) {
            try writer.removeTokens(ids: [1, 9], at: .now(), audit: [])
        }
        #expect(try fixture.directory.tokens().count == 1)
        try writer.removeTokens(ids: [1], at: .now(), audit: [])
        #expect(try fixture.directory.tokens().isEmpty)
    }
}

@Suite struct TokenHashingTests {
    @Test(arguments: [
        // The examples of FIPS 180-4, and nothing.
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func aTokensDigestIsItsSHA256InLowerCaseHexadecimal(token: String, expected: String) {
        #expect(TokenDigest(hashing: token).rawValue == expected)
    }
}
