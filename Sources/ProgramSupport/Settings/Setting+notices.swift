extension Setting {
    /// Of the settings about mail, metrics and the log.
    var noticeDescription: Description {
        switch self {
        case .smtp:
            Description(
                placeholder: "URL", defaultValue: "",
                summary:
                    "Mail server: smtp://[USER:PASSWORD@]HOST:PORT or smtps://…; empty = no mail; a password never "
                    + "as a flag.")
        case .smtpTLS:
            Description(
                placeholder: "off|optional|required|implicit", defaultValue: "",
                summary: "Encryption to the mail server; empty = required with smtp://, implicit with smtps://.")
        case .mailFrom:
            Description(
                placeholder: "ADDRESS", defaultValue: "",
                summary: "Whom mails come from: hookline@example.com or Hookline <hookline@example.com>.")
        case .mailTemplates:
            Description(
                placeholder: "FOLDER", defaultValue: "/usr/share/hookline/templates",
                summary: "The folder of the mails' templates.")
        case .platformURL:
            Description(
                placeholder: "URL", defaultValue: "",
                summary: "The platform's own address, for links in mails: https://sentry.example.com.")
        case .statsd:
            Description(
                placeholder: "HOST:PORT", defaultValue: "",
                summary: "Where counters go to as StatsD packets (UDP); empty = nowhere.")
        default:
            Description(
                placeholder: "LEVEL", defaultValue: "info",
                summary: "What is logged: trace, debug, info, notice, warning, error or critical, and what is worse.")
        }
    }
}
