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
        let path = try folder() + "/" + name
        guard access(path, X_OK) == 0 else {
            throw TestSupportError("there is no program \(path): build it, or set HOOKLINE_PRODUCTS to its folder")
        }
        return path
    }

    private static func folder() throws -> String {
        if let folder = ProcessInfo.processInfo.environment["HOOKLINE_PRODUCTS"], !folder.isEmpty { return folder }
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return (program as NSString).deletingLastPathComponent
    }
}
