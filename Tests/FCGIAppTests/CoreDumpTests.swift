import Foundation
import TestSupport
import Testing

/// The memory of every program is closed to core dumps and to debuggers of the same user.
@Suite
struct CoreDumpTests {
    private static let user: UInt32 = 65534

    /// How a program is started and kept running.
    private struct Program {
        var name: String
        var arguments: [String] = []
        var environment: [String: String] = [:]
    }

    private func programs(redis: RedisServer, directory: String) -> [Program] {
        let stores = ["HOOKLINE_REDIS": "redis://127.0.0.1:\(redis.port ?? 0)/0", "HOOKLINE_DIRECTORY": directory]
        let cgi = [
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "PATH_INFO": "/-/ping", "CONTENT_LENGTH": "3",
            "HOOKLINE_IO_SECONDS": "600",
        ]
        return [
            Program(name: "hookline-fcgi", arguments: ["--listen", "127.0.0.1:\((try? freePort()) ?? 0)"]),
            Program(name: "hookline-fcgi", environment: cgi), Program(name: "hookline-worker"),
            Program(name: "hookline", arguments: ["directory", "import", "-"]),
        ].map {
            Program(name: $0.name, arguments: $0.arguments, environment: $0.environment.merging(stores) { $1 })
        }
    }

    /// The kernel gives the files about a process to root if the process may not be dumped.
    private func owner(_ process: ChildProcess) -> UInt32? {
        var status = stat()
        return stat("/proc/\(process.pid)/environ", &status) == 0 ? status.st_uid : nil
    }

    @Test func noProgramMayLeaveACoreDumpUnlessTheSettingAllowsIt() throws {
        let redis = try RedisServer(port: try freePort())
        let folder = try TemporaryDirectory()
        let directory = try SampleDirectory.make(in: folder)
        let user = geteuid() == 0 ? Self.user : geteuid()
        if geteuid() == 0 {
            chmod(folder.path, 0o777)
            chmod(folder.file("directory.sqlite"), 0o666)
        }
        let prefix = geteuid() == 0 ? ["setpriv", "--reuid=\(user)", "--clear-groups"] : []

        for program in programs(redis: redis, directory: directory) {
            for (setting, expected) in [("off", UInt32(0)), ("on", user)] {
                var ends: [Int32] = [0, 0]
                #expect(pipe(&ends) == 0)
                defer { for end in ends { close(end) } }
                let process = try ChildProcess(
                    prefix + [BuiltProducts.path(program.name)] + program.arguments,
                    environment: TestResponder.environment(program.environment)
                        .merging(["HOOKLINE_CORE_DUMPS": setting]) { $1 },
                    standardInput: ends[0])
                defer { process.send(signal: SIGKILL) }

                // With the setting the owner changes twice: to root at the start, and back.
                try waitUntil("\(program.name) \(program.arguments) with \(setting) \(process.standardError)") {
                    guard process.isRunning else { throw TestSupportError("it ended: \(process.standardError)") }
                    let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process.pid)/exe")
                    return link?.hasSuffix(program.name) == true && owner(process) == expected
                }
            }
        }
    }

    @Test(arguments: ["hookline@.service", "hookline-worker.service"])
    func theUnitsAllowNoneEither(unit: String) throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../conf/systemd/\(unit)").standardizedFileURL.path

        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\nLimitCORE=0\n"))
    }
}
