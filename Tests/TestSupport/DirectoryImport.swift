/// Imports a directory document, as JSON, into the file `directory.sqlite` of a folder, with the built command line.
///
/// - Parameter location: the setting of another directory; nil = that file.
package func importDirectory(_ document: String, in folder: TemporaryDirectory, location: String? = nil) throws {
    let (status, _, error) = try ChildProcess.run(
        [
            BuiltProducts.path("hookline"), "directory", "import", "-",
        ],
        environment: [
            "HOOKLINE_DIRECTORY": location ?? "sqlite:" + folder.file("directory.sqlite"), "PATH": "/usr/bin:/bin",
        ], standardInput: document)
    guard status == .exited(0) else { throw TestSupportError("the directory could not be made: \(error)") }
}
