import Foundation
import TestSupport
import Testing

/// A responder that is started without standard input, output and error.
@Suite struct ClosedDescriptorTests {
    @Test func closedStandardDescriptorsAreNotTakenBySocketsOrFiles() throws {
        let folder = try TemporaryDirectory()
        let socket = folder.file("socket")
        let process = try ChildProcess(
            [
                "/bin/sh", "-c", "exec \"$0\" \"$@\" <&- >&- 2>&-", BuiltProducts.path("hookline-fcgi"), "--listen",
                "unix:\(socket)", "--log-file", folder.file("log"), "--redis", "unix:\(folder.file("no-redis"))",
                "--directory", try SampleDirectory.make(in: folder),
            ])

        try waitUntil("the socket is there", seconds: 20) { access(socket, F_OK) == 0 }

        for descriptor in 0...2 {
            let target = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(process.pid)/fd/\(descriptor)")
            #expect(target == "/dev/null")
        }
    }
}
