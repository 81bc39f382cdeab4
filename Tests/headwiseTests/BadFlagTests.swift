import Platform
import TestSupport
import Testing
import Work

/// Flags that are refused.
struct BadFlagTests {
    @Test(arguments: [
        BadInput("run --bogus", names: "--bogus"),
        BadInput("--bogus", names: "--bogus"),
        BadInput("bogus", names: "bogus", "scale", "run"),
        BadInput("help bogus", names: "bogus", "scale"),
        BadInput("bogus --help", names: "bogus", "scale"),
        BadInput("keys bogus", names: "bogus", "new"),
        BadInput("help keys bogus", names: "bogus", "new"),
        BadInput("run --score-scale 1e39", names: "--score-scale", "1e39", "2e+38"),
        BadInput("run --soft-cap 1e39", names: "--soft-cap", "1e39", "2e+38"),
        BadInput("run --heads 2 --alibi 1e39,1", names: "--alibi", "1e39", "1e28"),
        BadInput("mask --output o.npy", names: "--output"),
        BadInput("example --to x", names: "--to x"),
        BadInput("verify --case length=3 --cases 4", names: "--cases"),
        BadInput("verify --case length=3 --thorough", names: "--thorough"),
        BadInput("verify --case isa=baseline --isa baseline", names: "--isa"),
        BadInput("verify --case workers=2 --workers 3", names: "--workers"),
        BadInput("wire --compute none:3", names: "none:3", "emulate:TIME"),
        BadInput("kernel --mask causal,none", names: "causal,none", "semicolon"),
        BadInput("run surplus", names: "surplus"),
        BadInput("run --length", names: "--length"),
        BadInput("run --length many", names: "--length", "many"),
        BadInput("run --length 1.5", names: "--length", "1.5"),
        BadInput("run --length 99999999999999999999", names: "--length"),
        BadInput("run --format xml", names: "--format", "xml", "json"),
        BadInput("run --seed=-1", names: "--seed"),
        BadInput("kernel --format xml", names: "--format", "xml"),
        BadInput("host --format xml", names: "--format", "xml"),
        BadInput("host --bogus", names: "--bogus"),
        BadInput("verify --bogus", names: "--bogus"),
        BadInput("run --quiet -3", names: "--quiet", "-3"),
    ])
    func `the refusal names an unknown flag or value`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("run --bogus", names: "'headwise help run'"),
        BadInput("scale --length many", names: "'headwise help scale'"),
        BadInput("keys new", names: "'headwise help keys new'"),
        BadInput("completions install --bogus", names: "'headwise help completions install'"),
        BadInput("--bogus", names: "'headwise --help'"),
        BadInput("bogus run", names: "'headwise --help'"),
    ])
    func `a wrong command line names the help of its command`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("worker --cpus -1", names: "--cpus -1", "0 to 1023"),
        BadInput("worker --cpus 1024", names: "--cpus 1024", "0 to 1023"),
        BadInput("worker --threads 0", names: "--threads 0", "1 to 1024"),
        BadInput("worker --credit 9223372036854775807", names: "--credit", "1 to 1024"),
        BadInput("worker --token-descriptor -1", names: "--token-descriptor"),
        BadInput("worker --fault foo", names: "--fault foo"),
        BadInput(
            "worker --connect inproc://x",
            names: "--connect inproc://x",
            "ipc://",
            "tcp://"
        ),
    ])
    func `a worker's flags are checked before it waits`(_ input: BadInput) throws {
        var input = input
        for flag in [" --connect ipc:///x", " --token-descriptor 0"]
        where !input.arguments.contains(flag.prefix(12)) {
            input.arguments += flag
        }
        try input.check()
    }

    @Test(arguments: ["help run", "help completions install"])
    func `the help that errors name exists`(_ words: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(words.split(separator: " ").map(String.init), in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.output.contains("USAGE: headwise \(words.dropFirst(5))"), ending.summary)
    }

    @Test(arguments: [
        BadInput("run --trials -3", names: "--trials -3"),
        BadInput("run --batch -1 --heads 2", names: "--batch -1"),
        BadInput("scale --workers -1,2", names: "--workers -1"),
        BadInput("run --budget -0.5", names: "--budget -0.5"),
        BadInput("run --score-scale 1e39", names: "'1e39'", "--score-scale"),
        BadInput("run --score-scale -inf", names: "--score-scale"),
        BadInput("run --seed -1", names: "--seed", "'-1'"),
        BadInput("kernel --budget -.5", names: "--budget -0.5"),
    ])
    func `a negative number after an option is a wrong value, not a missing one`(_ input: BadInput)
        throws
    {
        try input.check()
    }

    @Test(arguments: [
        ["run", "--record", ""], ["kernel", "--record", ""], ["run", "--report", ""],
        ["report", "r.json", "-o", ""], ["report", "r.json", "--output", ""],
        ["report", "r.json", "--keep-plots", ""],
    ])
    func `an empty name of an output is refused in one sentence`(_ words: [String]) throws {
        let folder = try TemporaryFolder()
        // The program reads it first, so it must be a record.
        let record = contents(of: PackageFolder.record("kernel-avx2")) ?? ""
        try folder.write("r.json", record)
        let ending = try Headwise.run(words, in: folder)
        #expect(ending.kind == .exited(64), ending.summary)
        #expect(ending.outputBytes.isEmpty, ending.summary)
        let flag = words[words.count - 2]
        expectOneSentence(ending, naming: [flag == "-o" ? "--output" : flag])
        #expect(try folder.names == ["r.json"])
    }

    @Test(arguments: [
        ["run", "--input", ""], ["run", "--plan", ""], ["report", ""], ["compare", "", "r.json"],
    ])
    func `an empty name of an input is refused in one sentence`(_ words: [String]) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(words, in: folder)
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: [])
        #expect(try folder.names.isEmpty)
    }

    @Test(arguments: [
        BadInput("run --record same --report same", names: "--report same", "--record"),
        BadInput("kernel --record ./same --report same", names: "--report same", "--record"),
        BadInput("run --output o.npy --report ././o.npy", names: "--report", "--output", "o.npy"),
        BadInput("run --report -", names: "--report -"),
        BadInput("run --record -", names: "--record -", "--format json"),
    ])
    func `two flags cannot name one file`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("run --batch 0", names: "--batch 0"),
        BadInput("run --heads 0", names: "--heads 0"),
        BadInput("run --kv-heads 0", names: "--kv-heads 0"),
        BadInput("run --length 0", names: "--length 0"),
        BadInput("run --key-length 0", names: "--key-length 0"),
        BadInput("run --head-dimension 0", names: "--head-dimension 0", "1 to 512"),
        BadInput("run --head-dimension 513", names: "--head-dimension 513", "1 to 512"),
        BadInput("run --value-dimension 513", names: "--value-dimension 513", "1 to 512"),
        BadInput("run --batch=-1", names: "--batch -1"),
        BadInput("run --length=-128", names: "--length -128"),
        BadInput("run --key-length=-128", names: "--key-length -128"),
        BadInput("run --workers 0", names: "--workers 0"),
        BadInput("run --workers=-2", names: "--workers -2"),
        BadInput("run --workers 1025", names: "--workers 1025", "1024"),
        BadInput("run --threads 0", names: "--threads 0"),
        BadInput("run --credit 0", names: "--credit 0"),
        BadInput("run --trials 0", names: "--trials 0"),
        BadInput("run --warmup=-1", names: "--warmup -1"),
        BadInput("scale --workers 0,1", names: "--workers 0"),
        BadInput("kernel --length 0", names: "--length 0"),
        BadInput("kernel --head-dimension 513", names: "--head-dimension 513"),
        BadInput("kernel --threads 0", names: "--threads 0"),
        BadInput("kernel --replicates 0", names: "--replicates 0", "1 to 1000"),
        BadInput("kernel --suite --replicates -1", names: "--replicates -1"),
        BadInput("kernel --replicates 1001", names: "--replicates 1001"),
        BadInput("kernel --mask input", names: "--mask input", "headwise run --input"),
        BadInput(
            "kernel --length 1048576 --heads 1024",
            code: 40,
            names: "--heads 1024",
            "GiB"
        ),
        BadInput("kernel --budget 0", names: "--budget 0.0"),
        BadInput("kernel --budget nan", names: "--budget nan"),
        BadInput("kernel --budget 3601", names: "--budget 3601"),
    ])
    func `the refusal names a size or count and its range`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("run --workers 1,2", names: "--workers"),
        BadInput("scale --workers 1,1", names: "--workers 1,1"),
        BadInput("scale --workers 1,,2", names: "--workers 1,,2"),
        BadInput("scale --workers one", names: "--workers one", "one"),
        BadInput("kernel --length 128,x", names: "--length 128,x", "x"),
        BadInput("verify --workers 1,1", names: "--workers 1,1"),
        BadInput("verify --workers 1,01", names: "--workers 1,1"),
        BadInput("verify --workers 1,", names: "--workers 1,"),
        BadInput("verify --isa all,all", names: "--isa all,all"),
        BadInput("kernel --mask none;;causal", names: "--mask none;;causal"),
        BadInput("kernel --mask causal;none;causal", names: "causal"),
        BadInput("kernel --length 64,64", names: "--length 64,64"),
        BadInput("kernel --isa ,", names: "--isa ,"),
        BadInput("run --split diagonal", names: "--split", "diagonal", "batch, head, rows"),
        BadInput("run --schedule random", names: "--schedule", "random", "dynamic"),
        BadInput("run --plane astral", names: "--plane", "astral", "inline, resident"),
        BadInput("run --transport udp", names: "--transport", "udp", "ipc, tcp"),
        BadInput("run --isa mmx", names: "--isa", "mmx", "avx2"),
        BadInput("kernel --isa mmx", names: "--isa", "mmx", "avx2"),
        BadInput("run --values prime", names: "--values", "prime", "uniform"),
        BadInput("run --verify maybe", names: "--verify", "maybe", "sampled"),
        BadInput("run --masked-rows ones", names: "--masked-rows", "ones", "uniform"),
        BadInput("run --score-scale inf", names: "--score-scale"),
        BadInput("run --score-scale nan", names: "--score-scale"),
        BadInput("run --inject-fault 0:melt:1", names: "--inject-fault", "0:melt:1"),
        BadInput("run --workers 2 --inject-fault 2:die:1", names: "--inject-fault", "2:die:1"),
        BadInput("scale --workers 1,2 --inject-fault 2:die:1", names: "--inject-fault", "0 to 1"),
    ])
    func `the refusal names an unknown value and the known ones`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("run --heads 6 --kv-heads 4", names: "--heads 6", "--kv-heads 4", "1, 2, 3, 6"),
        BadInput("run --mask sideways", names: "--mask sideways"),
        BadInput("run --mask causal+causal", names: "--mask causal+causal"),
        BadInput("run --mask none+causal", names: "--mask none+causal"),
        BadInput("run --mask lengths:", names: "--mask lengths:"),
        BadInput("run --mask lengths:1,x --batch 2", names: "--mask lengths:1,x"),
        BadInput("run --mask lengths:1,2,3 --batch 2", names: "3", "--batch 2"),
        BadInput("run --mask longformer:window=3", names: "3"),
        BadInput("run --mask longformer:window=2,global=9999", names: "9999", "0 to 1023"),
        BadInput("run --mask bigbird:window=2", names: "2"),
        BadInput("run --mask window:4+longformer:window=2", names: "--mask"),
        BadInput("run --alibi 1,2 --heads 8", names: "2", "--heads 8"),
        BadInput("run --alibi steep", names: "steep", "standard"),
        BadInput("run --sinks 1,2 --heads 8", names: "2", "--heads 8"),
        BadInput("run --sinks 1,deep --heads 2", names: "deep", "random"),
        BadInput("run --sinks random --masked-rows uniform", names: "--masked-rows", "--sinks"),
        BadInput("run --sinks random --values exact-mean", names: "--sinks"),
        BadInput("run --bias everywhere", names: "everywhere", "shared"),
        BadInput("run --bias shared --values exact-mean", names: "--bias"),
        BadInput("run --linformer 65 --length 64", names: "--linformer 65", "64"),
        BadInput("run --linformer 8 --mask causal", names: "--linformer 8", "--mask"),
        BadInput("run --linformer 8 --values exact-mean", names: "--linformer"),
        BadInput("run --operation masked-softmax --soft-cap 3", names: "--operation", "--soft-cap"),
        BadInput("run --operation layer", names: "layer", "masked-softmax"),
        BadInput("run --operation multi-head --embedding 100", names: "100", "--heads 8"),
        BadInput("run --operation multi-head --kv-heads 2", names: "multi-head", "--kv-heads"),
        BadInput("run --embedding 512", names: "--embedding 512", "multi-head"),
        BadInput("run --operation multi-head --weights w.npy", names: "--weights", "multi-head"),
        BadInput("run --epochs 3", names: "--epochs 3", "kernel-regression"),
        BadInput("run --pooling average", names: "--pooling average", "kernel-regression"),
        BadInput(
            "run --operation kernel-regression --pooling gaussian --rate 0.1",
            names: "--rate 0.1",
            "learned"
        ),
        BadInput("run --operation kernel-regression --epochs 201", names: "--epochs 201", "200"),
        BadInput("run --operation kernel-regression --rate inf", names: "--rate inf"),
        BadInput(
            "run --operation kernel-regression --mask causal",
            names: "kernel-regression",
            "--mask"
        ),
        BadInput("run --operation kernel-regression --key-length 1", names: "--key-length 1", "2"),
        BadInput(
            "run --operation kernel-regression --head-dimension 64",
            names: "--head-dimension 64",
            "kernel-regression"
        ),
        BadInput("run --operation decode-steps --steps 0", names: "--steps 0", "1"),
        BadInput("run --operation decode-steps --steps 4097", names: "--steps 4097", "4096"),
        BadInput("run --steps 4", names: "--steps 4", "decode-steps"),
        BadInput("run --operation decode-steps --length 8", names: "--length 8", "--steps"),
        BadInput("run --operation decode-steps --length 1024", names: "--length 1024", "--steps"),
        BadInput("run --operation decode-steps --mask causal", names: "decode-steps", "--mask"),
        BadInput(
            "run --operation decode-steps --batch 1 --mask causal-lengths:9",
            names: "decode-steps",
            "--mask"
        ),
        BadInput("run --operation decode-steps --bias shared", names: "decode-steps", "--bias"),
        BadInput("run --operation decode-steps --scoring dot", names: "decode-steps", "--scoring"),
        BadInput(
            "run --operation decode-steps --split rows",
            names: "--split rows",
            "decode-steps"
        ),
        BadInput(
            "run --operation decode-steps --linformer 8",
            names: "--linformer",
            "decode-steps"
        ),
        BadInput("kernel --only decode", names: "--only", "--suite"),
        BadInput("kernel --suite --only nonsense", names: "nonsense"),
        BadInput("run --soft-cap 0", names: "--soft-cap 0"),
        BadInput("run --soft-cap 5 --values exact-mean", names: "--soft-cap"),
        BadInput("kernel --suite --length 64", names: "--suite", "--length"),
        BadInput("kernel --compare-isa --isa avx2", names: "--compare-isa", "--isa avx2"),
        BadInput(
            "run --mask lengths:65 --batch 1 --length 64",
            names: "65",
            "--key-length 64"
        ),
        BadInput("run --mask lengths:-1 --batch 1", names: "--mask lengths:-1"),
        BadInput("run --mask input", names: "--mask input", "--input"),
        BadInput(
            "run --values exact-mean --batch 1 --heads 1 --length 100",
            names: "exact-mean"
        ),
    ])
    func `flags that contradict each other are refused`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("run --length 4000000", code: 40, names: "--length 4000000", "GiB"),
        BadInput("run --workers 1024 --length 65536", code: 40, names: "1024", "GiB"),
        BadInput("scale --workers 1,2 --heads 8000000", code: 40, names: "--heads 8000000", "GiB"),
        BadInput(
            "run --batch 9223372036854775807 --heads 2",
            code: 40,
            names: "--batch 9223372036854775807",
            "EiB"
        ),
        BadInput("kernel --length 80000000", code: 40, names: "--length 80000000", "GiB"),
    ])
    func `the refusal names more memory than the machine has`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: ["--help", "help", "run --help", "help run", "scale --help", "--version"])
    func `help and version are no errors`(_ words: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(words.split(separator: " ").map(String.init), in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errorBytes.isEmpty, ending.summary)
        #expect(ending.output.contains(words == "--version" ? "headwise" : "USAGE"), ending.summary)
        #expect(try folder.names.isEmpty)
    }
}
