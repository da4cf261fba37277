import Foundation

/// Where the programs of this package lie that tests start as processes.
package enum BuiltProducts {
    /// The path of a built program.
    ///
    /// The folder is `HOOKLINE_PRODUCTS` if that is set (release builds, other scratch paths), else the one that holds
    /// the running test program: SwiftPM puts both into the same folder.
    ///
    /// - Parameter name: the product's name, such as `hookline`.
    package static func path(_ name: String) throws -> String {
        try program(name, in: folder())
    }

    /// The path of a helper program of the tests themselves, which is built beside them and never shipped.
    package static func testProgram(_ name: String) throws -> String {
        try program(name, in: folderOfTestRunner())
    }

    private static func program(_ name: String, in folder: String) throws -> String {
        let path = folder + "/" + name
        guard access(path, X_OK) == 0 else {
            throw TestSupportError("there is no program \(path): build it, or set HOOKLINE_PRODUCTS to its folder")
        }
        return path
    }

    private static func folder() throws -> String {
        if let folder = ProcessInfo.processInfo.environment["HOOKLINE_PRODUCTS"], !folder.isEmpty { return folder }
        return try folderOfTestRunner()
    }

    private static func folderOfTestRunner() throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return (program as NSString).deletingLastPathComponent
    }
}
