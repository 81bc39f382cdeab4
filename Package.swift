// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors only when the tests ask for it, so that a later compiler never breaks a
// user's build.
let isStrict = Context.environment["HEADWISE_STRICT"] != nil
let strictness: [SwiftSetting] = isStrict ? [.treatAllWarnings(as: .error)] : []
/// Lets the tests look into release builds, too.
///
/// But not into the kernels: of a module that tests can look into, even
/// internal types have metadata, whose weak functions hold the module's instructions.
let testability: [SwiftSetting] =
    isStrict ? [.unsafeFlags(["-enable-testing"], .when(configuration: .release))] : []
/// Tests of a release build are not optimised, which saves a fifth of its time: what they test is.
let tests: [SwiftSetting] =
    strictness + (isStrict ? [.unsafeFlags(["-Onone"], .when(configuration: .release))] : [])
/// These compute references, or play thousands of trials, for minutes if not optimised.
let testsThatCompute = ["Attention", "Statistics", "Conformance", "Scheduling"]
/// The largest is also the last that is built: in two parts at once, it takes 55 s instead of 77.
let testsInParts: [SwiftSetting] =
    isStrict
    ? [
        .unsafeFlags(
            ["-no-whole-module-optimization", "-enable-batch-mode"],
            .when(configuration: .release)
        )
    ]
    : []
let safety: [SwiftSetting] = [.strictMemorySafety()] + strictness + testability
/// Modules that plan a run, keep it and show it.
///
/// The build that is tested does not optimise them and the commands, which saves a fifth of its time. What
/// computes, carries and reads bytes is tested as it is shipped.
let unhurried = ["Plan", "Record", "Measuring", "Tables", "Report", "Live"]
let unhurriedSafety: [SwiftSetting] =
    safety + (isStrict ? [.unsafeFlags(["-Onone"], .when(configuration: .release))] : [])

/// One module of the harness and its test target; the dependencies are the arrows of the design.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> [Target] {
    [
        .target(
            name: name,
            dependencies: dependencies,
            swiftSettings: unhurried.contains(name) ? unhurriedSafety : safety
        ),
        .testTarget(
            name: "\(name)Tests",
            dependencies: [.byName(name: name), "TestSupport"] + dependencies,
            swiftSettings: testsThatCompute.contains(name)
                ? strictness + (name == "Attention" ? testsInParts : []) : tests
        ),
    ]
}

/// The attention kernel compiled for one instruction set.
///
/// The three folders are links to one source; only flags and the `ISA_*` condition differ.
func kernel(_ name: String, march: String?, condition: String) -> Target {
    // The flags are x86 names: on another architecture only the baseline build has content.
    #if arch(x86_64)
    let flags = march.map { ["-O", "-Xcc", "-march=\($0)"] } ?? ["-O"]
    #else
    let flags = ["-O"]
    #endif
    return .target(
        name: name,
        dependencies: ["CSystem"],
        swiftSettings: [
            .unsafeFlags(flags),
            // Vectors in registers need inlining across files, in a debug build, too; without it
            // kernels take fifty times as long. More than one thread makes an object for each
            // file, which the package manager expects.
            .unsafeFlags(
                ["-wmo", "-num-threads", "2", "-disable-batch-mode"],
                .when(configuration: .debug)
            ),
            .define(condition),
        ] + strictness
    )
}

/// A static Swift library starts eight workers in 31 ms instead of 78.
///
/// Set here and not by --static-swift-stdlib, so that the tests, which cannot use it, share the
/// build. Not with a sanitizer (`scripts/test --sanitize`), whose runtime needs a shared library.
let staticLibrary: [LinkerSetting] =
    Context.environment["HEADWISE_SANITIZE"] != nil
    ? []
    : [
        .unsafeFlags(
            [
                "-static-stdlib", "-lFoundation", "-lCoreFoundation",
                "-lFoundationInternationalization", "-lFoundationEssentials",
                "-l_FoundationICU", "-l_FoundationCollections",
                "-l_FoundationCShims", "-lswiftSynchronization",
            ],
            .when(platforms: [.linux])
        )
    ]

let kernels: [Target.Dependency] = ["KernelAVX512", "KernelAVX2", "KernelBaseline"]

/// The program of `scripts/fuzz`, which alone gives the flags that it needs.
let fuzzProgram: [Target] =
    Context.environment["HEADWISE_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "headwise-fuzz",
            dependencies: ["Fuzzing"],
            path: "Tests/FuzzProgram",
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]
        )
    ]

let package = Package(
    name: "headwise",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "headwise", targets: ["headwise"]),
        .executable(name: "headwise-live", targets: ["headwise-live"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .systemLibrary(
            name: "CZeroMQ",
            path: "Sources/CZeroMQ",
            providers: [.apt(["libzmq3-dev"]), .brew(["zeromq"])]
        ),
        .systemLibrary(
            name: "CZlib",
            path: "Sources/CZlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .target(name: "CSystem"),
        .target(name: "Work", swiftSettings: safety),
        kernel("KernelAVX512", march: "x86-64-v4", condition: "ISA_AVX512"),
        kernel("KernelAVX2", march: "x86-64-v3", condition: "ISA_AVX2"),
        kernel("KernelBaseline", march: nil, condition: "ISA_BASELINE"),
        .executableTarget(
            name: "headwise",
            dependencies: [
                "Work", "Platform", "Attention", "Statistics", "Host", "Files", "Tensors", "Plan",
                "Record", "Keys", "Cluster", "Measuring", "Conformance", "Tables", "Report",
                "Images",
                "Examples", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: unhurriedSafety,
            linkerSettings: staticLibrary
        ),
        // A program of its own, so that nothing of its server is linked into workers.
        .executableTarget(
            name: "headwise-live",
            dependencies: [
                "Live", "Files", "Platform", "Tables", "Work",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: unhurriedSafety
        ),
        .testTarget(
            name: "headwiseTests",
            dependencies: [
                "TestSupport", "CSystem", "Work", "Platform", "Attention", "Statistics", "Host",
                "Files", "Tensors", "Plan", "Record", "Images", "Fuzzing",
            ],
            swiftSettings: tests
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Platform", "Attention", "Statistics", "Files", "Tensors"],
            path: "Tests/TestSupport",
            swiftSettings: strictness
        ),
        .target(
            name: "Fuzzing",
            dependencies: ["Record", "Plan", "Tensors", "Files", "Wire", "Work"],
            path: "Tests/Fuzzing",
            exclude: ["corpus.txt"],
            swiftSettings: safety
        ),
    ]
        + fuzzProgram
        + module("ZeroMQ", ["CZeroMQ"])
        + module("Platform", ["CSystem", "Work"])
        + module("Attention", ["CSystem", "Platform", "Work"] + kernels)
        + module("Statistics", [])
        + module("Host", ["Platform", "Statistics"])
        + module("Scheduling", ["Work"])
        + module("Wire", ["Attention", "Work"])
        + module("Files", ["Work"])
        + module("Keys", ["ZeroMQ", "Files", "Work"])
        + module("Traces", ["Files", "Work"])
        + module("Images", ["CZlib", "Files"])
        + module("Tensors", ["CZlib", "Files", "Statistics", "Attention", "Work"])
        + module("Plan", ["Tensors", "Files", "Statistics", "Attention", "Work"])
        + module(
            "Record",
            [
                "Plan", "Tensors", "Files", "Host", "Statistics", "Attention", "Platform", "Work",
            ]
        )
        + module(
            "Cluster",
            [
                "CSystem", "ZeroMQ", "Keys", "Wire", "Scheduling", "Traces", "Attention", "Files",
                "Platform", "Work",
            ]
        )
        + module(
            "Measuring",
            [
                "ZeroMQ", "Keys", "Cluster", "Traces", "Record", "Plan", "Tensors", "Files", "Wire",
                "Scheduling",
                "Host", "Statistics", "Attention", "Platform", "Work",
            ]
        )
        + module(
            "Conformance",
            [
                "Measuring", "Cluster", "Record", "Plan", "Files", "Scheduling", "Attention",
                "Platform", "Work",
            ]
        )
        + module(
            "Examples",
            ["Report", "Record", "Plan", "Images", "Tensors", "Files", "Statistics", "Attention"]
        )
        + module(
            "Tables",
            ["Record", "Plan", "Files", "Host", "Statistics", "Attention", "Platform", "Work"]
        )
        + module(
            "Report",
            [
                "Tables", "Record", "Plan", "Files", "Host", "Statistics", "Attention", "Platform",
                "Work",
                .product(name: "Mustache", package: "swift-mustache"),
            ]
        )
        + module(
            "Live",
            [
                "Report", "Tables", "Record", "Plan", "Files", "Host", "Statistics", "Attention",
                "Platform", "Work",
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ]
        ),
    swiftLanguageModes: [.v6]
)
