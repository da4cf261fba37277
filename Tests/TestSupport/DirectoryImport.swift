/// Imports a directory document, as JSON, into the file `directory.sqlite` of a folder, with the built command line.
package func importDirectory(_ document: String, in folder: TemporaryDirectory) throws {
    let (status, _, error) = try ChildProcess.run(
        [
            BuiltProducts.path("hookline"), "directory", "import", "--directory",
            "sqlite:" + folder.file("directory.sqlite"), "-",
        ], standardInput: document)
    guard status == .exited(0) else { throw TestSupportError("the directory could not be made: \(error)") }
}
