import ProgramSupport

/// What `--help` prints.
enum HelpText {
    static var text: String {
        """
        hookline-fcgi: answers Hookline's HTTP requests behind a web server (FastCGI or CGI).

        Usage: hookline-fcgi [--check] [settings]
               hookline-fcgi --help | --version

        --check prints every setting and where it comes from, tries Redis and the directory, and exits 0 if all is well.

        \(SettingHelp.text(of: .responder))
        As a CGI program it takes settings from the environment only.

        Signals: TERM, INT, QUIT finish the requests in flight; a second one ends at once. USR1 opens the log anew. USR2
        checks the configuration, starts the program anew on the same socket and hands over to it.
        Exit status: 0 stopped in order, 1 the drain time was over, 64 wrong arguments, 78 wrong configuration,
        128 + number after a second signal.

        """
    }
}
