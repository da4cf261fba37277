import TestSupport
import Testing

@testable import FCGIApp

/// The words in which a socket is handed over.
@Suite
struct HandedSocketTests {
    @Test func areReadAsTheyWereWritten() {
        let file = UnixSocketFile(path: "/run/a b/s.sock", device: 7, inode: 11)
        let sockets: [(ListeningSocket, ListenAddress)] = [
            (ListeningSocket(descriptor: 0, ownership: .inherited), .inherited),
            (ListeningSocket(descriptor: 0, ownership: .own(file: file)), .unix(path: "/run/a b/s.sock")),
            (ListeningSocket(descriptor: 0, ownership: .own(file: nil)), .network(host: "::1", port: 9000)),
        ]
        for (socket, address) in sockets {
            let handed = InheritedSocket(socket, address: address)

            #expect(InheritedSocket(handed.text) == handed)
            #expect(handed.address == address)
        }
    }

    @Test(arguments: [
        "", "inherited too", "network ::1", "network ::1 port", "unix 1 /path", "unix a b /path", "pipe 1",
    ])
    func meanNothingWhenTheyAreOthers(text: String) {
        #expect(InheritedSocket(text) == nil)
    }

    @Test func nameAFileThatMustStillBeTheSameOne() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("", to: "s.sock")
        let file = try #require(UnixSocketFile(at: path))

        #expect(file.isInPlace)
        #expect(!UnixSocketFile(path: path, device: file.device, inode: file.inode + 1).isInPlace)
        #expect(!UnixSocketFile(path: path + ".gone", device: file.device, inode: file.inode).isInPlace)
    }
}
