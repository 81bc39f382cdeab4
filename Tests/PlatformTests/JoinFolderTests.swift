import Glibc
import Platform
import TestSupport
import Testing

/// What a worker of another program reads of its run, and what tells it its rank.
struct JoinFolderTests {
    private static let content = Array("{}".utf8)

    @Test func `the file goes with the folder`() throws {
        let path: String
        do {
            let folder = try SocketFolder()
            path = folder.path
            try SocketFolder.writeJoin(Self.content, in: path)
            #expect(try SocketFolder.readJoin(path) == Self.content)
            var status = stat()
            #expect(stat("\(path)/join.json", &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(throws: RunError.self) { try SocketFolder.writeJoin(Self.content, in: path) }
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test func `a folder that a killed run left is removed with its file`() throws {
        let parent = try TemporaryFolder()
        for (name, isRemoved) in [("headwise-abcdef", true), ("headwise-ghijkl", false)] {
            let folder = try parent.makeFolder(name)
            try #require(chmod(folder, 0o700) == 0)
            try SocketFolder.writeJoin(Self.content, in: folder)
            // A folder with other files is not ours.
            if !isRemoved { try parent.write("\(name)/other", "x") }
            SocketFolder.sweep(parent.path)
            #expect((access(folder, F_OK) != 0) == isRemoved, "\(name)")
        }
    }

    @Test(arguments: [
        (mode_t(0o755), mode_t(0o600)), (0o710, 0o600), (0o700, 0o640), (0o700, 0o604),
        (0o702, 0o600),
    ])
    func `a folder or a file that others may use is refused`(folderMode: mode_t, fileMode: mode_t)
        throws
    {
        let folder = try TemporaryFolder()
        try SocketFolder.writeJoin(Self.content, in: folder.path)
        #expect(try SocketFolder.readJoin(folder.path) == Self.content)
        try #require(chmod(folder.file("join.json"), fileMode) == 0)
        try #require(chmod(folder.path, folderMode) == 0)
        let error = #expect(throws: RunError.self) { try SocketFolder.readJoin(folder.path) }
        #expect(error?.kind == .environment)
        #expect(error?.description.contains("mode") == true)
    }

    @Test func `a link in the place of the file is refused`() throws {
        let folder = try TemporaryFolder()
        try folder.write("other", "{}")
        try #require(chmod(folder.file("other"), 0o600) == 0)
        try #require(symlink(folder.file("other"), folder.file("join.json")) == 0)
        #expect(throws: RunError.self) { try SocketFolder.readJoin(folder.path) }
        #expect(throws: RunError.self) { try SocketFolder.readJoin(folder.file("nowhere")) }
    }

    @Test(
        arguments: [
            ([:], nil), (["SLURM_PROCID": "3"], nil),
            (
                ["SLURM_PROCID": "3", "SLURM_STEP_ID": "0"],
                GivenRank(rank: 3, variable: "SLURM_PROCID")
            ),
            (["SLURM_PROCID": "3", "SLURM_STEP_ID": "batch"], nil),
            (
                ["SLURM_PROCID": "0", "SLURM_STEP_ID": "1", "OMPI_COMM_WORLD_RANK": "5"],
                GivenRank(rank: 5, variable: "OMPI_COMM_WORLD_RANK")
            ),
            (
                ["PMIX_RANK": "2", "OMPI_COMM_WORLD_RANK": "1"],
                GivenRank(rank: 1, variable: "OMPI_COMM_WORLD_RANK")
            ),
            (
                ["PMIX_RANK": "2", "HEADWISE_RANK": "7"],
                GivenRank(rank: 7, variable: "HEADWISE_RANK")
            ),
        ] as [([String: String], GivenRank?)]
    )
    func `a rank is that of the launcher nearest to the worker`(
        variables: [String: String],
        rank: GivenRank?
    ) throws {
        #expect(try GivenRank.find { variables[$0] } == rank)
    }

    @Test(arguments: ["x", "-1", "1.5"])
    func `a variable that holds no rank is refused by its name`(text: String) {
        let error = #expect(throws: RunError.self) {
            try GivenRank.find { $0 == "PMIX_RANK" ? text : nil }
        }
        #expect(error?.description.contains("PMIX_RANK") == true)
    }
}
