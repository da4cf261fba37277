import Glibc

/// The descriptors 0 to 2 of the process.
package enum StandardDescriptors {
    /// Opens `/dev/null` in place of each closed one. Otherwise the next file or connection that the program opens
    /// would get its number, and messages would be written into it.
    ///
    /// The replacement of standard input cannot be read, and those of standard output and error cannot be written, so
    /// that a program reports that it has no input or cannot write its output, instead of finishing without effect.
    /// To be called before anything else is opened.
    package static func openClosed() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where isClosed(descriptor) {
            // The lowest free number is the closed one, since those below it are open.
            let mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY
            if open("/dev/null", mode) != descriptor { _exit(ExitStatus.systemError) }
        }
    }

    private static func isClosed(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) < 0 && errno == EBADF }
}
