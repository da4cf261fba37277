import Foundation
import ProgramSupport
import TestSupport
import Testing

/// The worker's systemd unit.
@Suite
struct UnitFileTests {
    private let text: String

    init() throws {
        text = try String(contentsOfFile: Repository.path("conf/systemd/hookline-worker.service"), encoding: .utf8)
    }

    @Test func isOneThatSystemdUnderstandsEveryLineOfIt() throws {
        let directory = try TemporaryDirectory()
        let unit = try directory.write(
            text.replacingOccurrences(of: "/usr/bin/hookline-worker", with: BuiltProducts.path("hookline-worker")),
            to: "hookline-worker.service")

        let result = try ChildProcess.run(["systemd-analyze", "verify", "--man=no", unit])

        #expect(result.status == .exited(0), "\(result.error)")
        #expect(!(result.output + result.error).contains("hookline-worker.service:"), "\(result.output + result.error)")
    }

    @Test func givesTheDefaultDrainTimeAndWhatFollowsItTimeEnough() throws {
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("TimeoutStopSec=") })
        let seconds = try #require(Int(line.dropFirst("TimeoutStopSec=".count)))

        let drain = try #require(Int(Setting.drainSeconds.defaultValue))
        // What recording and putting back may take on top.
        #expect(seconds > drain + 10)
        #expect(text.contains("\nRestartPreventExitStatus=64 78\n"))
    }

    @Test func checksTheConfigurationBeforeAReloadTakesTheProcessThatWorks() {
        let commands = text.split(separator: "\n").filter { $0.hasPrefix("ExecReload=") }

        #expect(
            commands == ["ExecReload=/usr/bin/hookline-worker --check", "ExecReload=/bin/kill -USR2 $MAINPID"])
    }
}
