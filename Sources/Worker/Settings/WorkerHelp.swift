import ProgramSupport

/// What `--help` prints.
enum WorkerHelp {
    static var text: String {
        """
        hookline-worker: takes events out of the queue and delivers them as webhooks.

        Usage: hookline-worker [--check] [settings]
               hookline-worker --help | --version

        --check prints every setting and where it comes from, tries Redis, the directory, certificates and templates, and
        exits 0 if all is well. What may lose events in the way Redis is set up is a warning.

        \(SettingHelp.text(of: .worker))

        Signals: TERM, INT, QUIT take no more events, let webhooks under way finish, and put the rest back; a second one
        ends at once, and another worker takes over. USR1 opens the log anew. USR2 checks the configuration, starts the
        program anew and, once that delivers, stops like TERM.
        Exit status: 0 stopped in order, 1 the drain time was over, 64 wrong arguments, 78 wrong configuration,
        128 + number after a second signal.

        """
    }
}
