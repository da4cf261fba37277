import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct ReadAccessTests {
    @Test(.enabled(if: geteuid() == 0, "taking another user's place needs root"))
    func aUserWhoMayReadTheThreeFilesButNotWriteToTheFolderCanReadTheDirectory() throws {
        let someone = try Operator()
        try someone.importDocument(smallDocument)
        let files = FileManager.default
        let program = someone.folder.file("hookline")
        // Copied by a process of its own: a descriptor of ours that is open for writing could be inherited by what other
        // tests start at this moment, and a program that somebody writes to cannot be started.
        #expect(try ChildProcess.run(["cp", BuiltProducts.path("hookline"), program]).status == .exited(0))
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: someone.folder.path)
        for suffix in ["", "-wal", "-shm"] {
            try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: someone.path + suffix)
        }
        let command = [
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "directory", "export",
            "--directory", "sqlite:\(someone.path)",
        ]

        let allowed = try ChildProcess.run(command)
        for suffix in ["-wal", "-shm"] { try files.removeItem(atPath: someone.path + suffix) }
        let refused = try ChildProcess.run(command)

        #expect(allowed.status == .exited(0), "\(allowed.error)")
        #expect(allowed.output.contains(#""slug": "radar""#))
        #expect(refused.status == .exited(69))
        #expect(refused.error.contains("'hookline directory migrate' makes"))
    }
}
