import Foundation
import TestSupport
import Testing

/// What hookline-fcgi is made of.
@Suite
struct ImportGraphTests {
    private static let unwanted = ["Foundation", "FoundationEssentials", "ArgumentParser", "Crypto", "GRDB"]

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    /// The modules that files of `Sources/<target>` import.
    private func imports(of target: String) throws -> Set<String> {
        let folder = Self.root.appendingPathComponent("Sources/\(target)")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var modules: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index <= 2, words.count > index + 1 else { continue }
                modules.insert(String(words[words.count - 1].split(separator: ".")[0]))
            }
        }
        return modules
    }

    @Test func noTargetOfTheProgramImportsFoundationArgumentParserOrAnotherHeavyLibrary() throws {
        var waiting = ["FCGIApp"]
        var seen: Set<String> = []
        while let target = waiting.popLast() {
            guard seen.insert(target).inserted else { continue }
            let modules = try imports(of: target)
            #expect(modules.isDisjoint(with: Self.unwanted), "\(target) imports \(modules)")
            waiting += modules.filter {
                FileManager.default.fileExists(atPath: Self.root.appendingPathComponent("Sources/\($0)").path)
            }
        }
        #expect(
            seen.isSuperset(of: [
                "Handlers", "WebhookRules", "Queue", "Redis", "System", "Buffer", "Directory", "Model", "WireJSON",
            ]))
    }

    @Test func theProgramHasNoSymbolOfTheirs() throws {
        let symbols = try ChildProcess.run(["nm", BuiltProducts.path("hookline-fcgi")])

        #expect(symbols.status == .exited(0))
        // A stripped release program has none: then the sources are the only proof.
        #expect(symbols.output.contains("$s8Handlers") || symbols.error.contains("no symbols"))
        for module in Self.unwanted {
            // Swift's mangling: $s, the length of the module's name, the name.
            let prefix = "$s\(module.utf8.count)\(module)"
            #expect(!symbols.output.contains(prefix))
        }
    }
}
