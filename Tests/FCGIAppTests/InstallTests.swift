import Foundation
import ProgramSupport
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
        for program in ["hookline", "hookline-fcgi", "hookline-cgi", "hookline-worker"] {
            #expect(access(directory.file("usr/bin/\(program)"), X_OK) == 0, "\(program)")
        }
        for file in [
            "bash-completion/completions/hookline", "zsh/vendor-completions/_hookline",
            "fish/vendor_completions.d/hookline.fish",
        ] {
            #expect(try text(directory.file("usr/share/" + file)).contains("redeliver"), "\(file)")
        }
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
        #expect(second.error.contains("Compare it with \(shipped)hookline.params."))
        #expect(try text(shipped + "hookline.params").contains("fastcgi_param AUTH_TYPE "))
    }

    @Test func anEditedFileIsKeptWithTheNewVersionBesideItUntilItIsMerged() throws {
        _ = try install()
        let names = ["hookline.backend", "hookline.locations", "hookline.params", "hookline.pages", "hookline.http"]
        for edited in names {
            try append("# mine\n", to: nginx + edited)
            // The same version again: nothing is new.
            let same = try install()
            #expect(same.error == "")
            #expect(same.output.contains("kept \(nginx)\(edited)\n"))
            #expect(!exists(nginx + edited + ".new"))

            for name in names { try append("# an older version\n", to: shipped + name) }
            let newer = try install()

            #expect(try text(nginx + edited).hasSuffix("# mine\n"))
            #expect(newer.error.contains("NOTE: kept \(nginx)\(edited). The new version is \(nginx)\(edited).new"))
            #expect(newer.error.contains("because these were edited: \(edited)."))
            #expect(try text(nginx + edited + ".new") == text(shipped + edited))
            try FileManager.default.removeItem(atPath: nginx + edited)
            try FileManager.default.moveItem(atPath: nginx + edited + ".new", toPath: nginx + edited)
            #expect(try install().error == "")
        }
    }

    @Test func filesThatWereNotEditedAreReplacedByANewVersion() throws {
        _ = try install()
        for folder in [nginx, shipped] {
            try append("# an older version\n", to: folder + "hookline.locations")
            try append("# an older version\n", to: folder + "hookline.http")
        }

        let newer = try install()

        #expect(newer.error == "")
        #expect(try !text(nginx + "hookline.locations").contains("older"))
        #expect(try !text(nginx + "hookline.http").contains("older"))
    }

    @Test func settingsAreNeverReplacedEditedOrNot() throws {
        _ = try install()
        let files = [
            nginx + "hookline.settings", directory.file("etc/nginx/sites-available/hookline.conf"),
            directory.file("etc/nginx/sites-available/hookline-sso.conf"), directory.file("etc/hookline/hookline.env"),
        ]
        for file in files {
            try append("# mine\n", to: file)
            try append("# an older version\n", to: shipped + (file as NSString).lastPathComponent)
        }

        let newer = try install()

        for file in files {
            #expect(try text(file).hasSuffix("# mine\n"))
            #expect(newer.error.contains("NOTE: kept \(file). The new version is \(file).new"))
            #expect(try !text(file + ".new").contains("# mine"))
        }
    }

    /// The files of the version that was installed last.
    private var shipped: String { directory.file("usr/share/hookline/shipped/") }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func append(_ line: String, to path: String) throws {
        try (text(path) + line).write(toFile: path, atomically: true, encoding: .utf8)
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

/// The responder's systemd units.
@Suite
struct UnitFileTests {
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../conf/systemd").standardizedFileURL

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder.appendingPathComponent(name).path, encoding: .utf8)
    }

    @Test func areSuchThatSystemdUnderstandsEveryLineOfThem() throws {
        let directory = try TemporaryDirectory()
        let service = try text("hookline@.service")
            .replacingOccurrences(of: "/usr/bin/hookline-fcgi", with: BuiltProducts.path("hookline-fcgi"))
        try directory.write(service, to: "hookline@.service")
        try directory.write(text("hookline@.socket"), to: "hookline@.socket")

        let result = try ChildProcess.run(
            ["systemd-analyze", "verify", "--man=no", directory.file("hookline@.service")])

        #expect(result.status == .exited(0), "\(result.error)")
        #expect(!(result.output + result.error).contains("hookline@"), "\(result.output + result.error)")
    }

    @Test func leaveTheDrainAndTheWatchdogTheTimeOutsOfRedisTimeEnough() throws {
        let service = try text("hookline@.service")

        let wait = try number(.redisConnectMilliseconds) + number(.redisCommandMilliseconds)

        #expect(try seconds("TimeoutStopSec=", in: service) > number(.drainSeconds))
        #expect(try 1000 * seconds("WatchdogSec=", in: service) > 2 * wait)
        #expect(service.contains("\nRestartPreventExitStatus=64 78\n"))
    }

    @Test func checkTheConfigurationBeforeAReloadTakesTheProcessThatServes() throws {
        let commands = try text("hookline@.service").split(separator: "\n").filter { $0.hasPrefix("ExecReload=") }

        #expect(
            commands == ["ExecReload=/usr/bin/hookline-fcgi --check", "ExecReload=/bin/kill -USR2 $MAINPID"])
    }

    @Test func findTheFoldersThatTheyWouldMakeSoThatADirectoryCanBeImportedBeforeTheFirstStart() throws {
        let made = try text("hookline.tmpfiles").split(separator: "\n")

        for unit in ["hookline@.service", "hookline-worker.service"] {
            let lines = try text(unit).split(separator: "\n")
            for (folder, key) in [("/var/lib", "StateDirectory"), ("/var/log", "LogsDirectory")] {
                #expect(lines.contains("\(key)=hookline") && lines.contains("\(key)Mode=0750"))
                #expect(made.contains("d \(folder)/hookline 0750 hookline hookline"))
            }
            #expect(lines.contains("User=hookline") && lines.contains("Group=hookline"))
        }
    }

    /// A setting's default.
    private func number(_ setting: Setting) throws -> Int { try #require(Int(setting.defaultValue)) }

    private func seconds(_ key: String, in text: String) throws -> Int {
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(key) })
        return try #require(Int(line.dropFirst(key.count)))
    }
}
