import Foundation

/// A mail server on a loopback port that refuses one command of each session.
package final class RefusingSMTPServer: Sendable {
    package let port: UInt16
    private let listener: Int32

    /// - Parameters:
    ///   - command: its verb in capitals, `.` for the end of the mail, empty for the connection itself.
    ///   - reply: to that command, without the line break.
    package init(_ command: String, _ reply: String) throws {
        port = try freePort()
        listener = try listenLoopback(address: "127.0.0.1", port: port)
        Thread.detachNewThread { [listener] in
            defer { close(listener) }
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                RefusingSMTPServer.serve(descriptor, command, reply)
                close(descriptor)
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func serve(_ descriptor: Int32, _ command: String, _ reply: String) {
        let connection = ReceiverConnection(descriptor)
        var isMail = false
        guard connection.write((command.isEmpty ? reply : "220 mail.example") + "\r\n") else { return }
        while let line = connection.readLine() {
            let verb = isMail ? line : String(line.prefix(4)).uppercased()
            if isMail, verb != "." { continue }
            isMail = verb == "DATA" && command != "DATA"
            let usual = verb == "DATA" ? "354 go ahead" : verb == "QUIT" ? "221 bye" : "250 mail.example"
            // A refused EHLO is followed by HELO.
            let isRefused = verb == command || command == "EHLO" && verb == "HELO"
            guard connection.write((isRefused ? reply : usual) + "\r\n"), verb != "QUIT" else { return }
        }
    }
}
