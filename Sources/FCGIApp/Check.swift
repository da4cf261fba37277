import Buffer
import Directory
import ProgramSupport
import Redis

/// `--check`: shows the settings and tries what they name.
struct Check {
    let values: SettingValues
    let environment: [String: String]

    func run() -> Int32 {
        Console.own.print(SettingListing(values).text)
        var reader = ConfigurationReader(values, environment: environment)
        let configuration = reader.read()
        var problems = reader.errors.map(\.description)
        if let configuration {
            problems += configuration.process.problems()
            problems += Self.problems(of: Composition(configuration))
        }
        for problem in problems { Console.own.printError(problem) }
        Console.own.print(problems.isEmpty ? "configuration is good\n" : "")
        return problems.isEmpty ? ExitStatus.success : ExitStatus.wrongConfiguration
    }

    private static func problems(of wiring: Composition) -> [String] {
        var problems: [String] = []
        do throws(RedisError) {
            try wiring.checkRedis()
        } catch {
            problems.append(error.description)
        }
        do throws(DirectoryError) {
            try wiring.checkDirectory()
        } catch {
            problems.append(error.description)
        }
        return problems
    }
}
