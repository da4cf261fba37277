package import Directory
import Glibc
import Model
package import ProgramSupport
import Redis
import WebhookRules

/// A program that responds to HTTP requests: what `hookline-fcgi` and `hookline-cgi` have in common.
package protocol RespondingProgram: LongRunningProgram where Configuration == ResponderSupport.Configuration {
    /// Decides which kinds of directories the program can use, and which libraries it links for them.
    static var opener: any DirectoryOpening { get }
}

extension RespondingProgram {
    /// Runs the program to its end. Where a web server has started it for one request, it responds to that.
    package static func start() -> Never {
        StandardDescriptors.openClosed()
        HeapPolicy.apply()
        let environment = ProcessEnvironment.all()
        // A web server may pass arguments from a client's query, so a CGI program has none.
        let isPlainCGI = Invocation(environment: environment).isPlainCGI
        exit(isPlainCGI ? respondOnce(environment) : run(words: CommandLine.arguments, environment: environment))
    }

    package static func configuration(
        from values: SettingValues, environment: [String: String]
    ) -> (Configuration?, [ConfigurationError]) {
        var reader = ConfigurationReader(values, environment: environment, opener: opener)
        return (reader.read(), reader.errors)
    }

    /// Tries Redis, reads and writes, and the directory, and says whose rules are followed.
    package static func checkStores(_ configuration: Configuration) -> CheckResult {
        var result = checkStores(configuration.stores)
        let breakers = configuration.stores.breakerWarning(configuration.explanation.policies)
        result.warnings += [breakers].compactMap(\.self)
        // A directory that does not respond is a problem already.
        let check = configuration.stores.protocolCheck(
            configuration.identity.protocolSettings.choice, configuration.explanation.policies)
        result.warnings += check.warnings
        result.results += check.results
        guard let directory = try? configuration.stores.openDirectory(limits: DirectoryLimits(connectionCount: 1)),
            let releases = try? Optional(directory.releases()), releases == nil
        else { return result }
        result.results += [managementProblem(of: directory)].compactMap(\.self)
        return result
    }

    /// Why the management API cannot change a directory of Hookline's own: that may be on purpose.
    private static func managementProblem(of directory: any DirectoryDatabase) -> String? {
        guard let problem = try? directory.managementProblem() else { return nil }
        return "the management API is off, because \(problem)"
    }

    /// Tries Redis, reads and writes, and the directory.
    static func checkStores(_ stores: StoreSettings) -> CheckResult {
        var result = CheckResult()
        do throws(RedisError) {
            let connection = stores.makeConnection()
            try connection.ping()
            try StoreSettings.checkWrites(on: connection)
        } catch {
            result.problems.append(error.description)
        }
        let directory = stores.checkDirectory()
        result.problems += directory.problems
        result.warnings += directory.warnings
        result.results += directory.results
        return result
    }

    private static func respondOnce(_ environment: [String: String]) -> Int32 {
        CoreDumps.forbid()
        let values = SettingValues(program: name, flags: [:], environment: environment)
        let (configuration, errors) = configuration(from: values, environment: environment)
        if configuration == nil {
            for error in errors { Console(name).printError(error.description) }
        }
        if configuration?.process.allowsCoreDumps == true { CoreDumps.allow() }
        return CGIMain(configuration: configuration, log: .standardError).run()
    }
}
