import Foundation
import Glibc
import System
import TestSupport
import Testing

/// Files with secrets.
@Suite
struct PrivateFileTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func facts(_ path: String) -> stat {
        var facts = stat()
        #expect(lstat(path, &facts) == 0)
        return facts
    }

    @Test func aFileIsReplacedWholeAndReadableByItsOwnerOnly() throws {
        let path = try folder.write("before, with mode 0644", to: "f")

        try PrivateFile(path: path).write("after")

        #expect(try String(contentsOfFile: path, encoding: .utf8) == "after")
        #expect(facts(path).st_mode & 0o7777 == 0o600)
    }

    @Test func theFileOfASymbolicLinkIsReplacedAndTheLinkStays() throws {
        let path = try folder.write("before", to: "f")
        let link = folder.file("link")
        #expect(symlink("f", link) == 0)

        try PrivateFile(path: link).write("after")

        #expect(try String(contentsOfFile: path, encoding: .utf8) == "after")
        #expect(facts(link).st_mode & S_IFMT == S_IFLNK)
    }

    @Test func aPipeAFolderAndALinkThatLeadsNowhereAreNotReplaced() throws {
        let pipe = folder.file("pipe")
        let link = folder.file("link")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(symlink("missing", link) == 0)

        for path in [pipe, folder.file("."), link] {
            #expect(throws: FileError.self) { try PrivateFile(path: path).write("after") }
        }
        #expect(facts(pipe).st_mode & S_IFMT == S_IFIFO)
        #expect(facts(link).st_mode & S_IFMT == S_IFLNK)
    }
}
