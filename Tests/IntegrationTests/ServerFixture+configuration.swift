import Foundation
import TestSupport

extension ServerFixture {
    /// Copies the shipped nginx files into the folder, with this test's addresses and paths in them.
    static func writeConfiguration(
        in directory: TemporaryDirectory, port: UInt16, signIn: SignIn, responder: Responder, redis: RedisServer,
        options: Options = Options()
    ) throws {
        let path = directory.path
        let site = signIn == .password ? "hookline.conf" : "hookline-sso.conf"
        for name in [
            site, "hookline.settings", "hookline.http", "hookline.params", "hookline.backend", "hookline.locations",
            "hookline.pages",
        ] {
            var text = try String(contentsOfFile: repositoryPath("nginx/\(name)"), encoding: .utf8)
            text = text.replacingOccurrences(of: "/etc/nginx/hookline/", with: path + "/")
            switch name {
            case site:
                text = try replace(text, "listen 443 ssl http2;", "listen 127.0.0.1:\(port) ssl http2;")
                text = try replace(text, "    listen [::]:443 ssl http2;\n", "")
                text = try replace(text, "listen 80;", "listen unix:\(path)/http.sock;")
                text = try replace(text, "    listen [::]:80;\n", "")
                text = try replace(text, "root /usr/share/hookline/www;", "root \(repositoryPath("nginx/www"));")
                if signIn == .singleSignOn {
                    let address = options.singleSignOn ?? "unix:\(path)/sso.sock"
                    text = try replace(text, "server 127.0.0.1:4180;", "server \(address);")
                }
            case "hookline.settings":
                for number in 1...2 {
                    let shipped = "    server unix:/run/hookline/hookline-\(number).sock max_fails=0;\n"
                    let isUsed = number <= responderCount(responder)
                    text = try replace(
                        text, shipped,
                        isUsed ? "    server unix:\(path)/hookline-\(number).sock max_fails=0;\n" : "")
                }
                for shipped in ["rate=20r/s", "rate=50r/s", "rate=100r/s", "rate=200r/s", "rate=500r/s"] {
                    text = try replace(text, shipped, "rate=\(options.rate)")
                }
                text = try replace(text, "# 10.20.30.0/24 1;", "\(adminAddress) 1;")
                text = try replace(text, "# 10.20.40.0/24 1;", "\(platformAddress) 1;")
            default: break
            }
            if let burst = options.burst { text = text.replacing(#/burst=[0-9]+/#, with: "burst=\(burst)") }
            try directory.write(text, to: name)
        }
        if case .cgi(let program) = responder {
            try directory.write(
                cgiParameters(program: program, directory: directory, redis: redis), to: "hookline.extra-params")
        }
        try directory.write(mainConfiguration(path, site: site, extra: options.http), to: "nginx.conf")
    }

    /// A path inside the repository.
    static func repositoryPath(_ relative: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(relative).path
    }

    private static func responderCount(_ responder: Responder) -> Int {
        if case .fastCGI(let count) = responder { count } else { 1 }
    }

    /// The shipped parameters for fcgiwrap: the program, and its settings as environment.
    private static func cgiParameters(
        program: String?, directory: TemporaryDirectory, redis: RedisServer
    ) throws -> String {
        let shipped = repositoryPath("conf/shared-hosting/fcgiwrap.params")
        var text = try String(contentsOfFile: shipped, encoding: .utf8)
        let program = try program ?? BuiltProducts.path("hookline-cgi")
        text = try replace(text, " /usr/lib/cgi-bin/hookline-cgi;", " \(program);")
        text = try replace(text, " unix:/run/redis/redis.sock;", " \(redis.url);")
        return try replace(
            text, " sqlite:/var/lib/hookline/directory.sqlite;", " sqlite:\(directory.file("directory.sqlite"));")
    }

    private static func mainConfiguration(_ path: String, site: String, extra: String) -> String {
        """
        daemon off;
        user root;
        worker_processes 2;
        pid \(path)/nginx.pid;
        error_log \(path)/nginx-error.log warn;
        events { worker_connections 256; }
        http {
            access_log \(path)/nginx-access.log;
            client_body_temp_path \(path)/body;
            proxy_temp_path \(path)/proxy;
            fastcgi_temp_path \(path)/fastcgi;
            uwsgi_temp_path \(path)/uwsgi;
            scgi_temp_path \(path)/scgi;
            \(extra)
            include \(path)/\(site);
            # A single sign-on as far as auth_request sees it.
            map $cookie_session $session_email {
                default $cookie_session;
                nobody "";
            }
            server {
                listen unix:\(path)/sso.sock;
                location / { return 200 "sign in"; }
                location = /oauth2/auth {
                    if ($cookie_session = "") { return 401; }
                    add_header X-Auth-Request-Email $session_email always;
                    return 202;
                }
            }
        }

        """
    }

    /// Replaces the one place where `shipped` stands; a file that no longer has it fails the test.
    private static func replace(_ text: String, _ shipped: String, _ replacement: String) throws -> String {
        guard text.components(separatedBy: shipped).count == 2 else {
            throw TestSupportError("the shipped nginx files have not exactly one line \(shipped)")
        }
        return text.replacingOccurrences(of: shipped, with: replacement)
    }
}
