import Testing

/// Comparisons that are refused.
struct BadComparisonTests {
    private static let plan = Array(CompareTests.onTwo.utf8)
    private static func plan(_ rest: String) -> [UInt8] {
        Array((CompareTests.plan + rest + "}").utf8)
    }

    private static let onePlan = ["p.json": plan]

    @Test(arguments: [
        BadInput("compare", names: "0 file", "--with", "--baseline"),
        BadInput("compare @p.json", names: "1 file", "--with", files: onePlan),
        BadInput("compare @p.json @p.json @p.json", names: "3 file", files: onePlan),
        BadInput(
            "compare @p.json @p.json --with /bin/true",
            names: "2 file",
            "--with",
            files: onePlan
        ),
        BadInput("compare @p.json @p.json --bogus", names: "--bogus", files: onePlan),
        BadInput("compare @p.json @p.json --threshold=-1", names: "--threshold", files: onePlan),
        BadInput("compare @p.json @p.json --threshold nan", names: "--threshold", files: onePlan),
        BadInput("compare @p.json @p.json --threshold much", names: "--threshold", files: onePlan),
        BadInput("compare @p.json @p.json --mean-threshold=-1", names: "--mean", files: onePlan),
        BadInput("compare @p.json @p.json --p90-threshold 1001", names: "--p90", files: onePlan),
        BadInput("compare @p.json @p.json --confidence 100", names: "--confidence", files: onePlan),
        BadInput("compare @p.json @p.json --confidence 49", names: "--confidence", files: onePlan),
        BadInput("compare @p.json @p.json --budget 0", names: "--budget", files: onePlan),
        BadInput("compare @p.json @p.json --budget=-5", names: "--budget", files: onePlan),
        BadInput("compare @p.json @p.json --budget inf", names: "--budget", files: onePlan),
        BadInput("compare @p.json @p.json --replicates 1", names: "--replicates", files: onePlan),
        BadInput("compare @p.json @p.json --replicates 1001", names: "1001", files: onePlan),
        BadInput("compare @p.json @p.json --seed=-1", names: "--seed", files: onePlan),
        BadInput("compare @p.json @p.json --allow all", names: "host, plan, isa", files: onePlan),
        BadInput(
            "compare @p.json @p.json --format html",
            names: "--format",
            "html",
            files: onePlan
        ),
        BadInput("compare @p.json @p.json --with-fault 0:melt:1", names: "melt", files: onePlan),
    ])
    func `the refusal names the wrong flag`(_ input: BadInput) throws { try input.check() }

    @Test(arguments: [
        BadInput("compare @p.json @no.json", code: 40, names: "no.json", files: onePlan),
        BadInput("compare @p.json .", code: 40, files: onePlan),
        BadInput(
            "compare @e.json @p.json",
            names: "e.json",
            files: ["e.json": [], "p.json": plan]
        ),
        BadInput(
            "compare @h.json @p.json",
            names: "h.json",
            "JSON",
            files: ["h.json": Array(plan.prefix(40)), "p.json": plan]
        ),
        BadInput(
            "compare @k.json @p.json",
            names: "k.json",
            "headwise.kernel/1",
            "headwise.plan/1",
            files: ["k.json": Array(#"{"schema":"headwise.kernel/1"}"#.utf8), "p.json": plan]
        ),
        BadInput(
            "compare @c.json @c.json",
            names: "c.json",
            "headwise.compare/1",
            files: ["c.json": Array(#"{"schema":"headwise.compare/1"}"#.utf8)]
        ),
        BadInput(
            "compare @r.json @r.json",
            names: "r.json",
            files: ["r.json": Array(#"{"schema":"headwise.run/1"}"#.utf8)]
        ),
        BadInput(
            "compare @p.json @q.json",
            names: "--credit 0",
            files: ["p.json": plan, "q.json": plan(#""workers":[2],"credit":0"#)]
        ),
    ])
    func `the refusal names a file that is no plan or record`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput(
            "compare @p.json @q.json",
            names: "batch",
            "2",
            "4",
            "--allow plan",
            files: [
                "p.json": plan,
                "q.json": Array(#"{"schema":"headwise.plan/1","batch":4,"workers":[2]}"#.utf8),
            ]
        ),
        BadInput(
            "compare @p.json @q.json",
            names: "q.json",
            files: ["p.json": plan, "q.json": plan(#""workers":[1,3]"#)]
        ),
        BadInput(
            "compare @p.json @p.json",
            names: "audit",
            files: ["p.json": plan(#""workers":[2],"audit":true"#)]
        ),
        BadInput(
            "compare @p.json @p.json",
            names: "plane",
            "auto",
            files: ["p.json": plan(#""workers":[2],"plane":"auto""#)]
        ),
        BadInput(
            "compare @p.json @p.json",
            code: 40,
            names: "in.npz",
            files: ["p.json": plan(#""workers":[2],"input":"in.npz""#)]
        ),
    ])
    func `plans that cannot be compared are refused before the start`(
        _ input: BadInput
    ) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("compare @p.json --with @none", code: 40, names: "none", files: onePlan),
        BadInput("compare @p.json --with /", code: 40, names: "/", files: onePlan),
        BadInput("compare @p.json --with @p.json", code: 40, names: "p.json", files: onePlan),
        BadInput(
            "compare @p.json --with /bin/true",
            code: 40,
            names: "/bin/true",
            "headwise.trials/1",
            files: onePlan
        ),
        BadInput(
            "compare @p.json --with /bin/echo",
            code: 40,
            names: "/bin/echo",
            "headwise.trials/1",
            files: onePlan
        ),
        BadInput(
            "compare @p.json @p.json --record @p.json",
            code: 40,
            names: "--record",
            "p.json",
            files: onePlan
        ),
        BadInput(
            "compare @p.json @p.json --record @no/r.json",
            code: 40,
            names: "no/r.json",
            files: onePlan
        ),
    ])
    func `the refusal names a program or path that cannot be used`(_ input: BadInput) throws {
        try input.check()
    }
}
