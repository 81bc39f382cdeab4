import Testing

@testable import Files

struct JSONScanTests {
    /// Places and texts of all values, one after the other.
    private func walk(_ text: String) -> [String] {
        var scan = JSONScan(Array(text.utf8))
        var found: [String] = []
        while let value = scan.next() {
            let text = String(decoding: scan.bytes[value.range], as: UTF8.self)
            found.append("\(scan.place)=\(text)\(value.isRepeated ? " again" : "")")
        }
        return found
    }

    @Test func `every value has its place`() {
        let text = #"""
            {"a": [1, -2.5e+3, {"b": null, "c": [[], {}]}, "x"], "d": true,
             "e" : {"a":"{\"a\": [1, ,"} }
            """#
        #expect(
            walk(text) == [
                "={", "a=[", "a[0]=1", "a[1]=-2.5e+3", "a[2]={", "a[2].b=null", "a[2].c=[",
                "a[2].c[0]=[", "a[2].c[1]={", #"a[3]="x""#, "d=true", "e={",
                #"e.a="{\"a\": [1, ,""#,
            ]
        )
        #expect(walk("\u{FEFF} 4 ") == ["=4"])
        #expect(walk("") == [])
    }

    @Test(arguments: [
        (#"{"a": 1, "b": 2, "a": 3}"#, "a"),
        (#"[{"a": 1}, {"a": {"b": 1, "c": "b", "b": 1}}]"#, "[1].a.b"),
        (#"{"a": 1, "\u0061": 2}"#, "a"),
        (#"{"\"": 1, "\u0022": 2}"#, "\""),
        (#"{"é": 1, "e\#u{301}": 2}"#, "é"),
        (#"{"a": {"x": 1}, "a": {"y": 1}}"#, "a"),
        (#"{"": 1, "": 2}"#, ""),
    ])
    func `a repeated key of an object is marked`(text: String, place: String) {
        let found = JSONScan.first(in: Array(text.utf8)) { value, _ in value.isRepeated }
        #expect(found?.scan.place == place)
    }

    @Test(arguments: [
        #"{"a": 1, "A": 2, "a ": 3, "a\\": 4, "a\"": 5}"#,
        #"[{"a": "a"}, {"a": "a"}, {"b": {"a": ["a", "a"]}, "a": "b"}]"#,
        #"{"a": {"b": 1}, "b": {"b": 1}}"#,
        #"{"text": "{\"a\": 1, \"a\": 2}", "a": "}", "b": "]"}"#,
    ])
    func `keys that only look alike are not repeated`(text: String) {
        #expect(JSONScan.first(in: Array(text.utf8)) { value, _ in value.isRepeated } == nil)
    }

    @Test func `over what is no JSON it walks to the end`() {
        let text = Array(#"{"a\u00e9": [1, {"b": "c\\"}], "d": -4.5e1}"#.utf8)
        let marks = Array("{}[],:\"\\ 0-e\n\u{e9}".utf8)
        for end in 0...text.count {
            for mark in marks {
                var changed = Array(text[..<end]) + [mark] + text[end...]
                var scan = JSONScan(changed)
                var count = 0
                while let value = scan.next() {
                    count += value.range.count
                    _ = (scan.place, scan.described(value), scan.inLine(value))
                }
                #expect(count <= changed.count)
                changed.removeLast(text.count - end)
                var cut = JSONScan(changed)
                while cut.next() != nil {}
            }
        }
        var deep = JSONScan([UInt8](repeating: UInt8(ascii: "["), count: 100_000))
        var depth = 0
        while deep.next() != nil { depth += 1 }
        #expect(depth == 512)
    }

    @Test func `a value is described by its kind, and a long one by its start`() {
        func described(_ text: String) -> String? {
            JSONScan.first(in: Array(text.utf8)) { _, _ in true }.map {
                $0.scan.described($0.value)
            }
        }
        // Objects and lists are described by their kind alone.
        let kinds = Set([described("{}"), described("{\"one\": 1}"), described("[1]")])
        #expect(kinds.count == 2, "\(kinds)")
        #expect(kinds.allSatisfy { $0?.contains("1") == false }, "\(kinds)")
        #expect(described("\"one\"")?.contains("“one”") == true)
        #expect(described("null")?.contains("null") == true)
        #expect(described("-4.5e1")?.contains("-4.5e1") == true)
        let long = String(repeating: "x", count: 41)
        #expect(described("\"\(long)\"")?.contains("“\(long.prefix(39))…”") == true)
    }
}
