import Files
import Record
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The program `headwise-live`: what it answers, and whom.
struct LiveTests {
    @Test func `the page comes with a policy that lets its own script run only`() throws {
        let folder = try TemporaryFolder()
        let first = try LiveServing(folder.path, in: folder).ask("/")
        #expect(first.hasPrefix("HTTP/1.1 200"))
        let lines = first.split(separator: "\r\n")
        let policy = try #require(lines.first { $0.hasPrefix("Content-Security-Policy:") })
        #expect(policy.contains("default-src 'none'"))
        let number = try #require(policy.split(separator: "'nonce-").last).prefix { $0 != "'" }
        #expect(number.count > 16)
        #expect(first.contains("<script nonce=\"\(number)\">"))
        #expect(first.split(separator: "<script").count == 2)
        // Nothing comes from elsewhere: the one address is the name of SVG.
        #expect(
            first.split(separator: "://").count == first.split(separator: "://www.w3.org/").count
        )
    }

    @Test func `a change of the record reaches every browser, and Ctrl-C ends all`() throws {
        let folder = try TemporaryFolder()
        let serving = try LiveServing(folder.path, in: folder)
        let browsers = try (0..<3).map { _ in try LoopbackClient(port: serving.port, "/events") }
        for browser in browsers { #expect(browser.wait(for: #""state":"waiting""#)) }
        try folder.put(try .growingSweep(1), as: "r.json")
        for browser in browsers { #expect(browser.wait(for: #""state":"measuring""#)) }
        try folder.put(try .finishedSweep(), as: "r.json")
        for browser in browsers { #expect(browser.wait(for: #""state":"finished""#)) }
        let ending = serving.interrupt()
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors.isEmpty, ending.summary)
        for browser in browsers { #expect(browser.answer().hasSuffix("0\r\n\r\n")) }
    }

    @Test func `it listens on loopback alone, only when a processor is free`() throws {
        let folder = try TemporaryFolder()
        let serving = try LiveServing(folder.path, in: folder, flags: [])
        let port = String(serving.port, radix: 16, uppercase: true)
        let digits = String(repeating: "0", count: 4 - port.count) + port
        let tables = ["tcp", "tcp6"].compactMap { contents(of: "/proc/net/\($0)") }.joined()
        var addresses: [Substring] = []
        for line in tables.split(separator: "\n") {
            // Columns: number, local address, remote address, state; 0A listens.
            let columns = line.split(separator: " ")
            guard columns.count > 3, columns[1].hasSuffix(":\(digits)"), columns[3] == "0A" else {
                continue
            }
            addresses.append(columns[1])
        }
        #expect(addresses == ["0100007F:\(digits)"])
        let threads = try TemporaryFolder.names(
            in: "/proc/\(serving.program.processIdentifier)/task"
        )
        #expect(threads.count > 1)
        for thread in threads {
            let line = contents(
                of: "/proc/\(serving.program.processIdentifier)/task/\(thread)/stat"
            )
            // After the name in brackets, which is field 2 of proc(5); the policy is field 41.
            let fields = (line ?? "").split(separator: ")").last?.split(separator: " ") ?? []
            try #require(fields.count > 38)
            // SCHED_IDLE of sched(7).
            #expect(fields[38] == "5")
        }
    }

    @Test(arguments: ["evil.example", "127.0.0.1.evil.example:80", "192.168.0.1"])
    func `a name that is not loopback's gets nothing`(_ host: String) throws {
        let folder = try TemporaryFolder()
        try folder.put(try .finishedSweep(), as: "r.json")
        let serving = try LiveServing(folder.path, in: folder)
        for path in ["/", "/events", "/record?name=r.json", "/report?name=r.json"] {
            let answer = try serving.ask(path, host: host)
            #expect(answer.hasPrefix("HTTP/1.1 421"))
            #expect(!answer.contains("r.json"))
        }
    }

    @Test func `only GET is answered`() throws {
        let folder = try TemporaryFolder()
        let serving = try LiveServing(folder.path, in: folder)
        for method in ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"] {
            let answer = try serving.ask("/", method: method)
            #expect(answer.hasPrefix("HTTP/1.1 405"))
            #expect(answer.contains("Allow: GET"))
        }
    }

    @Test func `nothing is read that the list does not have`() throws {
        let outer = try TemporaryFolder()
        let folder = try outer.makeFolder("followed")
        _ = try outer.makeFolder("followed/folder")
        for name in ["secret.json", "followed/folder/r.json", "followed/own.json"] {
            try outer.put(try .finishedSweep(), as: name)
        }
        let serving = try LiveServing(folder, in: outer)
        #expect(try serving.ask("/record?name=own.json").hasPrefix("HTTP/1.1 200"))
        for path in [
            "/record?name=../secret.json", "/record?name=%2e%2e%2fsecret.json",
            "/record?name=/etc/passwd", "/report?name=../secret.json", "/record", "/report?name=",
            "/../secret.json", "/secret.json", "/%2e%2e/secret.json", "/record?name=folder/r.json",
        ] {
            let answer = try serving.ask(path)
            #expect(answer.hasPrefix("HTTP/1.1 404"), "\(path): \(answer.prefix(100))")
        }
    }

    @Test func `the whole page is drawn after the run, not during one`() throws {
        let folder = try TemporaryFolder()
        try folder.put(try .finishedSweep(), as: "r.json")
        let serving = try LiveServing(folder.path, in: folder)
        let page = try serving.ask("/report?name=r.json")
        #expect(page.hasPrefix("HTTP/1.1 200"))
        #expect(page.contains("</html>"))
        let browser = try LoopbackClient(port: serving.port, "/events")
        try folder.put(try .growingSweep(1), as: "next.json")
        #expect(browser.wait(for: #""state":"measuring""#))
        #expect(try serving.ask("/report?name=r.json").hasPrefix("HTTP/1.1 409"))
        #expect(try serving.ask("/record?name=r.json").hasPrefix("HTTP/1.1 200"))
    }

    // MARK: What cannot be served

    @Test(arguments: [
        ("nowhere", Int32(40), "nowhere"), ("nowhere/r.json", 40, "nowhere/r.json"),
        ("text.json", 64, "text.json"), ("plan.json", 64, "headwise.plan/1"),
        ("broken.json", 64, "broken.json"), ("r.json --port 70000", 64, "70000"),
        ("r.json --port x", 64, "--port x is"), ("r.json --port 65536", 64, "expected a whole"),
        ("r.json --port=-1", 64, "65535"), ("--port 1.5", 64, "--port 1.5 is"),
        ("--prot 1", 64, "prot"), ("r.json r.json", 64, "r.json"),
    ])
    func `what cannot be followed is refused in one sentence`(
        _ arguments: String,
        _ code: Int32,
        _ name: String
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write("text.json", "no JSON")
        try folder.write("plan.json", #"{"schema":"headwise.plan/1"}"#)
        try folder.write("broken.json", #"{"schema":"headwise.run/1","points":"many"}"#)
        let words = arguments.split(separator: " ").map(String.init)
        let ending = try LiveServing.start(words, in: folder).finish(within: patience)
        #expect(ending.kind == .exited(code), ending.summary)
        #expect(ending.outputBytes.isEmpty, ending.summary)
        #expect(ending.errorLines.count == 1, ending.summary)
        #expect(ending.errors.hasPrefix("headwise-live: "), ending.summary)
        #expect(ending.errors.contains(name), ending.summary)
    }

    @Test func `a port in use is refused`() throws {
        let folder = try TemporaryFolder()
        let serving = try LiveServing(folder.path, in: folder)
        let ending = try LiveServing.start([folder.path, "--port", "\(serving.port)"], in: folder)
            .finish(within: patience)
        #expect(ending.kind == .exited(40), ending.summary)
        #expect(ending.errorLines.count == 1, ending.summary)
        for part in ["--port \(serving.port) is", "expected a free port", "--port 0"] {
            #expect(ending.errors.contains(part), ending.summary)
        }
    }
}
