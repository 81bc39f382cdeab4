import Attention
import Testing
import Wire
import Work

struct SetupMessageTests {
    /// The bytes of a document after it was read and written.
    private func again(_ kind: MessageKind, _ text: String) throws -> [UInt8] {
        let bytes = Array(text.utf8)
        switch kind {
        case .hello: return try Hello(payload: bytes.span).payload()
        case .welcome: return try Welcome(payload: bytes.span).payload()
        case .refuse: return try Refuse(payload: bytes.span).payload()
        case .workload: return try Workload(payload: bytes.span).payload()
        case .failed: return try Failed(payload: bytes.span).payload()
        case .bye: return try Bye(payload: bytes.span).payload()
        case .use: return try UseReport(payload: bytes.span).payload()
        default: return []
        }
    }

    private func refuses(_ kind: MessageKind, _ text: String) -> WireError? {
        let bytes = Array(text.utf8)
        var header = Header(kind: kind, run: Samples.run)
        header.payloadBytes = UInt64(bytes.count)
        return Samples.refusal(header.bytes, bytes)
    }

    @Test(arguments: Samples.documents)
    func `the documents of the protocol's description are read and written alike`(
        kind: MessageKind,
        text: String
    ) throws {
        #expect(try String(decoding: again(kind, text), as: UTF8.self) == text)
    }

    @Test(arguments: Samples.documents)
    func `unknown keys are ignored`(kind: MessageKind, text: String) throws {
        let longer = #"{"future":{"x":[1]},"# + text.dropFirst()
        #expect(try String(decoding: again(kind, longer), as: UTF8.self) == text)
    }

    @Test(arguments: Samples.documents)
    func `a document cut anywhere is refused`(kind: MessageKind, text: String) {
        for count in 1..<text.utf8.count {
            let refusal = refuses(kind, String(text.prefix(count)))
            if refusal?.reason != .document { Issue.record("cut at \(count): \(refusal as Any)") }
        }
    }

    @Test func `optional keys may be missing`() throws {
        let text = """
            {"instructionSet":"baseline","problem":{"alibi":[],"element":"float32",\
            "mask":{"band":"none","bias":"none","lengths":"none","pattern":{"kind":"none"},\
            "visibility":"none"},"maskedRows":"zeros","offset":0,"operation":{"keys":1,"kind":"linformer"},"score":{"kind":"scaledDot","scale":0.1},\
            "shape":{"batch":1,"headDimension":1,"heads":1,"keyLength":1,"keyValueHeads":1,\
            "queryLength":1,"valueDimension":1},"sinks":[-0.5]},"residentBytes":12}
            """
        let bytes = Array(text.utf8)
        let workload = try Workload(payload: bytes.span)
        #expect(workload.generated == nil)
        #expect(workload.sharedOutputOffset == nil)
        #expect(workload.gatheredOffset == nil)
        #expect(workload.problem.score.scale == 0.1)
        #expect(try String(decoding: workload.payload(), as: UTF8.self) == text)
    }

    @Test func `a use that no process has is refused`() {
        #expect(refuses(.use, #"{"number":1,"voluntarySwitches":9007199254740992}"#) == nil)
        for text in [
            #"{"number":1,"voluntarySwitches":9007199254740993}"#,
            #"{"number":1,"cpuNanoseconds":18446744073709551615}"#,
        ] {
            #expect(refuses(.use, text)?.reason == .field)
        }
    }

    @Test func `a worker may leave its rank to the coordinator`() throws {
        let hello = Hello(rank: nil, credit: 2, instructionSets: [.baseline])
        let bytes = try hello.payload()
        let text =
            #"{"answersProbes":true,"credit":2,"instructionSets":["baseline"],"reportsUse":true,"takesBatches":true}"#
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(try Hello(payload: bytes.span).rank == nil)
    }

    @Test func `what a worker joins with is read as it was written`() throws {
        let token = RunToken.random().hexadecimal
        let document = JoinDocument(endpoint: "ipc:///x", token: token, threads: 3, credit: 2)
        #expect(JoinDocument(json: try document.json()) == document)
        for wrong in [
            JoinDocument(endpoint: "udp://x", token: token, threads: 3, credit: 2),
            JoinDocument(endpoint: "ipc:///x", token: "12", threads: 3, credit: 2),
            JoinDocument(endpoint: "ipc:///x", token: token, threads: 0, credit: 2),
            JoinDocument(endpoint: "ipc:///x", token: token, threads: 3, credit: 1025),
        ] { #expect(JoinDocument(json: try wrong.json()) == nil) }
        #expect(JoinDocument(json: []) == nil)
    }

    /// As the description shows them.
    @Test(arguments: [
        (KeyPattern.window(back: 256, ahead: 0), #"{"ahead":0,"back":256,"kind":"window"}"#),
        (
            .longformer(LongformerPattern(window: 256, globals: [0, 1])),
            #"{"globals":[0,1],"kind":"longformer","window":256}"#
        ),
        (
            .bigBird(BigBirdPattern(window: 3, random: 3, global: 1, block: 64, seed: 7)),
            #"{"block":64,"global":1,"kind":"bigBird","random":3,"seed":7,"window":3}"#
        ),
        (
            .blocks(
                BlockLayout(
                    block: 512,
                    heads: 1,
                    rowBlocks: 2,
                    keyBlocks: 2,
                    isVisible: [true, true, false, true]
                )
            ),
            #"{"bits":"0b","block":512,"heads":1,"keyBlocks":2,"kind":"blocks","rowBlocks":2}"#
        ),
    ])
    func `a pattern is a flat object that names its kind`(
        pattern: KeyPattern,
        text: String
    ) throws {
        let document = Samples.documents[2].1.replacing(#"{"kind":"none"}"#, with: text)
        let bytes = Array(document.utf8)
        let workload = try Workload(payload: bytes.span)
        #expect(workload.problem.mask.pattern == pattern)
        #expect(try String(decoding: workload.payload(), as: UTF8.self) == document)
    }

    @Test(arguments: [
        (StandIn.nothing, #"{"kind":"nothing"}"#), (.copying, #"{"kind":"copying"}"#),
        (
            .waiting(nanosecondsPerTask: 1000, nanosecondsPerPair: 0.5),
            #"{"kind":"waiting","nanosecondsPerPair":0.5,"nanosecondsPerTask":1000}"#
        ),
    ])
    func `what stands in for computing is a flat object that names its kind`(
        standIn: StandIn,
        text: String
    ) throws {
        let document = Samples.documents[2].1.dropLast() + #","standIn":\#(text)}"#
        let bytes = Array(document.utf8)
        let workload = try Workload(payload: bytes.span)
        #expect(workload.standIn == standIn)
        #expect(try String(decoding: workload.payload(), as: UTF8.self) == document)
    }

    @Test(arguments: [
        #"{"kind":"waiting","nanosecondsPerPair":0,"nanosecondsPerTask":1000000000001}"#,
        #"{"kind":"waiting","nanosecondsPerPair":-1,"nanosecondsPerTask":0}"#,
        #"{"kind":"waiting","nanosecondsPerPair":0}"#, #"{"kind":"sleeping"}"#,
    ])
    func `another stand-in is refused`(_ text: String) {
        let document = Samples.documents[2].1.dropLast() + #","standIn":\#(text)}"#
        #expect(refuses(.workload, String(document)) != nil)
    }

    @Test(arguments: [
        (Operation.maskedSoftmax, #"{"kind":"maskedSoftmax"}"#),
        (.decodeSteps, #"{"kind":"decodeSteps"}"#),
        (.linformer(keys: 256), #"{"keys":256,"kind":"linformer"}"#),
        (
            .multiHead(.fused, .itself),
            #"{"kind":"multiHead","source":"itself","variant":"fused"}"#
        ),
        (.kernelRegression(.average), #"{"kind":"kernelRegression","pooling":"average"}"#),
        (
            .kernelRegression(.learned(Training(epochs: 5, rate: 0.5))),
            #"{"epochs":5,"kind":"kernelRegression","pooling":"learned","rate":0.5}"#
        ),
    ])
    func `an operation is a flat object that names its kind`(
        operation: Operation,
        text: String
    ) throws {
        let bytes = Array(Samples.documents[2].1.utf8)
        var workload = try Workload(payload: bytes.span)
        workload.problem = AttentionProblem(
            shape: AttentionShape(
                batch: 1,
                heads: 2,
                keyValueHeads: 2,
                queryLength: 300,
                keyLength: 300,
                headDimension: 1,
                valueDimension: 1
            )
        )
        workload.problem.operation = operation
        if operation == .decodeSteps {
            workload.problem.shape.keyLength = 301
            workload.problem.mask.band = .causalBottomRight
        }
        let written = try workload.payload()
        let document = String(decoding: written, as: UTF8.self)
        #expect(document.contains(#""operation":\#(text),"#), "\(document)")
        #expect(try Workload(payload: written.span).problem.operation == operation)
    }

    @Test func `the keys of a span are read and written`() throws {
        let text = Samples.documents[2].1
            .replacing(#""sinks":[]"#, with: #""sinks":[],"spanKeys":2048"#)
        let bytes = Array(text.utf8)
        let workload = try Workload(payload: bytes.span)
        #expect(workload.problem.spanKeys == AttentionKernel.spanKeys)
        #expect(try String(decoding: workload.payload(), as: UTF8.self) == text)
    }

    @Test func `the arcs of a ring are read and written`() throws {
        let text = Samples.documents[2].1
            .replacing(#""problem":{"alibi":[],"#, with: #""problem":{"alibi":[],"arcs":1,"#)
            .replacing(#""sinks":[]"#, with: #""sinks":[],"spanKeys":2048"#)
        let bytes = Array(text.utf8)
        let workload = try Workload(payload: bytes.span)
        #expect(workload.problem.arcs == 1)
        #expect(try String(decoding: workload.payload(), as: UTF8.self) == text)
    }

    @Test func `a scale keeps every bit`() throws {
        let text = Samples.documents[2].1
        let bytes = Array(text.utf8)
        var workload = try Workload(payload: bytes.span)
        for scale in [1 / Float(3), Float(80).squareRoot(), .leastNonzeroMagnitude, -0.0] {
            workload.problem.score = .scaledDot(scale: scale)
            let written = try workload.payload()
            let read = try Workload(payload: written.span)
            #expect(read.problem.score.scale.bitPattern == scale.bitPattern)
        }
        workload.problem.score = .scaledDot(scale: .nan)
        #expect(throws: WireError.self) { try workload.payload() }
    }

    /// A change to a document of the description, and what the refusal must name.
    private static let wrong: [(MessageKind, String, String, String)] = [
        (.hello, #""credit":2"#, #""credit":0"#, "credit"),
        (.hello, #""credit":2"#, #""credit":1025"#, "credit"),
        (.hello, #""credit":2"#, #""credit":1e99"#, "JSON"),
        (.hello, #""credit":2"#, #""credit":"two""#, "credit"),
        (.hello, #""credit":2,"#, "", "\"credit\""),
        (.hello, #""rank":0"#, #""rank":-1"#, "rank"),
        (.welcome, #""worker":0"#, #""worker":-1"#, "worker"),
        (.welcome, "5000", "100", "silenceLimit"),
        (.welcome, #"Milliseconds":100"#, #"Milliseconds":0"#, "heartbeat"),
        (.workload, #""batch":2"#, #""batch":0"#, "batch"),
        (.workload, #""batch":2"#, #""batch":2147483648"#, "batch"),
        (.workload, #""keyValueHeads":2"#, #""keyValueHeads":3"#, "keyValueHeads"),
        (.workload, #""keyValueHeads":2"#, #""keyValueHeads":0"#, "keyValueHeads"),
        (.workload, "avx2", "avx3", "instructionSet"),
        (.workload, #""sinks":[]"#, #""sinks":[],"spanKeys":0"#, "spanKeys"),
        (.workload, #""sinks":[]"#, #""sinks":[],"spanKeys":1024"#, "spanKeys"),
        (.workload, #""sinks":[]"#, #""sinks":[],"arcs":1"#, "arcs"),
        (.workload, #""sinks":[]"#, #""sinks":[],"spanKeys":2048,"arcs":2"#, "arcs"),
        (.workload, #""sinks":[]"#, #""sinks":[],"spanKeys":2048,"arcs":0"#, "arcs"),
        (.workload, #""uniform""#, #""even""#, "values"),
        (.workload, #""kind":"none""#, #""kind":"all""#, "kind"),
        (.workload, #""residentBytes":8"#, #""residentBytes":-1"#, "residentBytes"),
        (
            .workload, #""residentBytes":8"#, #""residentBytes":8,"sharedOutputOffset":-4096"#,
            "sharedOutputOffset"
        ),
        (
            .workload, #""residentBytes":8"#, #""residentBytes":8,"sharedOutputOffset":100"#,
            "sharedOutputOffset"
        ),
        (
            .workload, #""residentBytes":8"#, #""residentBytes":8,"gatheredOffset":100"#,
            "gatheredOffset"
        ),
    ]

    @Test(arguments: wrong)
    func `a wrong document is refused by key or figure`(
        kind: MessageKind,
        part: String,
        replacement: String,
        word: String
    ) throws {
        let text = try #require(Samples.documents.first { $0.0 == kind }).1
        let at = try #require(text.firstRange(of: part))
        let refusal = try #require(refuses(kind, text.replacingCharacters(at, replacement)))
        #expect(refusal.reason == .field || refusal.reason == .document)
        #expect(refusal.description.contains(word))
    }

    @Test func `a tensor beyond the limit is refused with its size`() throws {
        let text = try #require(Samples.documents.first { $0.0 == .workload }).1
        let vast = text.replacing(#""batch":2"#, with: #""batch":2147483647"#)
        guard case .field(.workload, _, let value) = refuses(.workload, vast) else {
            Issue.record("the size was not refused")
            return
        }
        let size = try #require(Double(value))
        #expect(size > Double(WireProtocol.maximumTensorBytes))
    }

    @Test(arguments: [
        "null", "[]", "1", "{}", "\u{0}", "{", "nonsense",
        String(repeating: "[", count: 65_000), String(repeating: #"{"a":"#, count: 13_000),
    ])
    func `a text that is no document is refused in few bytes`(text: String) throws {
        for (kind, _) in Samples.documents {
            let refusal = try #require(refuses(kind, text))
            #expect(refusal.reason == .document)
            #expect(refusal.description.utf8.count < 500)
        }
    }

    @Test(arguments: [4096, 4097])
    func `a reason has its limit`(byteCount: Int) {
        let text = #"{"reason":""# + String(repeating: "x", count: byteCount) + #""}"#
        #expect(refuses(.bye, text)?.reason == (byteCount > 4096 ? .field : nil))
    }

    @Test func `the header of a document has no field but its size`() {
        for (kind, text) in Samples.documents {
            let payload = Array(text.utf8)
            var header = Header(kind: kind, run: Samples.run)
            header.payloadBytes = UInt64(payload.count)
            let changes: [WritableKeyPath<Header, UInt32>] = [\.trial, \.shard, \.attempt]
            for change in changes {
                var other = header
                other[keyPath: change] = 1
                #expect(Samples.refusal(other.bytes, payload)?.reason == .field)
            }
            for change in [\Header.a, \Header.b, \Header.c] {
                var other = header
                other[keyPath: change] = 1
                #expect(Samples.refusal(other.bytes, payload)?.reason == .field)
            }
        }
    }

    @Test func `a token matches itself alone and never prints`() throws {
        let token = try #require(RunToken(hexadecimal: Samples.token))
        #expect(token.hexadecimal == Samples.token)
        #expect(token.matches(token))
        #expect(!"\(token)".contains("0011"))
        for bit in 0..<128 {
            var digits = Array(Samples.token)
            let digit = try #require(digits[bit / 4].hexDigitValue) ^ (1 << (bit % 4))
            digits[bit / 4] = Character(String(digit, radix: 16))
            let other = try #require(RunToken(hexadecimal: String(digits)))
            #expect(!token.matches(other))
        }
        #expect(!RunToken.random().matches(RunToken.random()))
    }

    @Test(arguments: ["eef", "eeffa", "eefg", "+eff", ""])
    func `what is no token is refused`(end: String) {
        #expect(RunToken(hexadecimal: Samples.token.dropLast(4) + end) == nil)
    }

    @Test(arguments: Samples.documents)
    func `a document has its limit`(kind: MessageKind, text: String) throws {
        let most = kind == .workload ? WireProtocol.maximumPayloadBytes : 1 << 16
        let limits: [(Int, WireError.Reason?)] = [(most, nil), (most + 1, .payloadLimit)]
        for (size, reason) in limits {
            let longer = text + String(repeating: " ", count: size - text.utf8.count)
            #expect(refuses(kind, longer)?.reason == reason, "\(kind), \(size) bytes")
        }
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<Index>, _ replacement: String) -> String {
        self[..<range.lowerBound] + replacement + self[range.upperBound...]
    }
}
