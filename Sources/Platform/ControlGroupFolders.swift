/// Where the files of this process's control groups are: its own groups, and all groups above them.
///
/// The kernel says where the hierarchies are mounted. A container often sees only a part of a
/// hierarchy, and its own path in it is then cut by the part's root.
struct ControlGroupFolders {
    /// The path of this process's group by controller; version 2 has the empty name.
    private let groups: [String: String]
    private let mounts: [Mount]

    fileprivate struct Mount {
        /// The group that is seen at the mount point.
        var root: String
        var point: String
        var isVersion2: Bool
        /// The mount options, which name the controllers of version 1.
        var options: [Substring]
    }

    init(files: SystemFiles) {
        var groups: [String: String] = [:]
        for line in (files.contents("/proc/self/cgroup") ?? "").split(separator: "\n") {
            // hierarchy:controllers:path, where version 2 has no controllers.
            let fields = line.split(
                separator: ":",
                maxSplits: 2,
                omittingEmptySubsequences: false
            )
            guard fields.count == 3 else { continue }
            for name in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                groups[String(name)] = String(fields[2])
            }
        }
        self.groups = groups
        mounts = (files.contents("/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap {
            Mount($0)
        }
    }

    /// The folders of version 2, the group of this process first.
    var version2: [String] {
        guard let path = groups[""] else { return [] }
        let found = mounts.filter(\.isVersion2)
        return folders(
            path,
            found,
            otherwise: ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        )
    }

    /// The folders of a controller of version 1, the group of this process first.
    func version1(_ controller: String) -> [String] {
        guard let path = groups[controller] else { return [] }
        let found = mounts.filter { mount in
            !mount.isVersion2 && mount.options.contains { $0 == controller }
        }
        let usual = ["/sys/fs/cgroup/\(controller)"]
        return folders(
            path,
            found,
            otherwise: controller == "cpu" ? usual + ["/sys/fs/cgroup/cpu,cpuacct"] : usual
        )
    }

    private func folders(_ path: String, _ mounts: [Mount], otherwise points: [String]) -> [String]
    {
        guard !mounts.isEmpty else {
            return points.flatMap { point in Self.groupAndAncestors(path).map { point + $0 } }
        }
        return mounts.flatMap { mount in
            Self.groupAndAncestors(mount.path(of: path)).map { mount.point + $0 }
        }
    }

    /// `/a/b` gives `/a/b`, `/a` and the empty path of the root.
    private static func groupAndAncestors(_ path: String) -> [String] {
        let names = path.split(separator: "/")
        return (0...names.count).reversed().map { count in
            names[..<count].map { "/" + $0 }.joined()
        }
    }
}

extension ControlGroupFolders.Mount {
    /// Reads `ID PARENT DEVICE ROOT POINT OPTIONS … - TYPE SOURCE OPTIONS`.
    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count > dash + 3 else {
            return nil
        }
        let type = words[dash + 1]
        guard type == "cgroup" || type == "cgroup2" else { return nil }
        root = String(words[3])
        point = String(words[4])
        isVersion2 = type == "cgroup2"
        options = words[dash + 3].split(separator: ",")
    }

    /// The path of a group below the mount point; the mount point itself for a group elsewhere.
    func path(of group: String) -> String {
        if root == "/" { return group }
        return group.hasPrefix(root + "/") ? String(group.dropFirst(root.count)) : ""
    }
}
