import Foundation
import TestSupport
import Testing

/// Make install.
@Suite
struct InstallTests {
    private let directory: TemporaryDirectory
    private let nginx: String

    init() throws {
        directory = try TemporaryDirectory()
        nginx = directory.file("etc/nginx/hookline/")
    }

    @Test func keepsEditedNginxFilesAndWarnsWhereTheyDoNotTellThatAUserWasChecked() throws {
        let fresh = try install()
        #expect(!fresh.error.contains("WARNING"))
        #expect(try install().error == "")

        for file in ["hookline.params", "hookline.http"] {
            let text = try String(contentsOfFile: nginx + file, encoding: .utf8)
            let kept = text.split(separator: "\n").filter { !$0.contains("hookline_auth_type") }
            let older = kept.joined(separator: "\n")
            try older.write(toFile: nginx + file, atomically: true, encoding: .utf8)
        }
        let second = try install()

        #expect(second.error.contains("WARNING: \(nginx)hookline.http has no map hookline_auth_type"))
        #expect(second.error.contains("WARNING: \(nginx)hookline.params sets no AUTH_TYPE"))
        #expect(try !String(contentsOfFile: nginx + "hookline.params", encoding: .utf8).contains("AUTH_TYPE  "))
        let new = directory.file("usr/share/hookline/nginx/hookline.params")
        #expect(try String(contentsOfFile: new, encoding: .utf8).contains("fastcgi_param AUTH_TYPE "))
    }

    private func install() throws -> (status: ChildProcess.ExitStatus, output: String, error: String) {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let products = (try BuiltProducts.path("hookline") as NSString).deletingLastPathComponent
        let result = try ChildProcess.run(
            ["\(root)/scripts/install.sh", products, directory.path, "/usr", "/etc"])
        #expect(result.status == .exited(0), "\(result.error)")
        return result
    }
}
