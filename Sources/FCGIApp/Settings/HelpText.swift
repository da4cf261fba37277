/// What `--help` prints.
enum HelpText {
    static var text: String {
        """
        hookline-fcgi: answers Hookline's HTTP requests behind a web server (FastCGI or CGI).

        Usage: hookline-fcgi [--check] [settings]
               hookline-fcgi --help | --version

        --check prints every setting and where it comes from, tries Redis and the directory, and exits 0 if all is well.

        Settings, as a flag or as a variable (the flag wins):

        \(Setting.allCases.map(paragraph).joined(separator: "\n"))

        HOOKLINE_REDIS_FILE names a file that holds the address of Redis.
        As a CGI program it takes settings from the environment only.

        Signals: TERM, INT, QUIT finish the requests in flight; a second one ends at once.
        Exit status: 0 stopped in order, 1 the drain time was over, 64 wrong arguments, 78 wrong configuration,
        128 + number after a second signal.

        """
    }

    private static func paragraph(_ setting: Setting) -> String {
        let description = setting.description
        let value = description.defaultValue.isEmpty ? "none" : description.defaultValue
        return """
              --\(setting.flag) \(description.placeholder)   \(setting.variable)
                    \(description.summary) Default: \(value)
            """
    }
}
