using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Protocol.Recording;

/// <summary>An option as a recording names it.</summary>
public sealed record SessionOption(OptionKind Kind, int NodeIndex, string Name);

/// <summary>A route tree node as a recording names it.</summary>
public sealed record SessionNode(string PathName, IReadOnlyList<SessionOption> Options);

/// <summary>One source of a session, with all the names that its traces refer to by index.</summary>
/// <param name="Address">Path, address or pipeline; see <see cref="AddressText.WithoutSecrets"/>.</param>
/// <param name="ManifestHash">SHA-256 of the pack manifest: 32 bytes.</param>
public sealed record SessionSource(
    string Name, string Address, string PackName, ReadOnlyMemory<byte> ManifestHash, string PolicyName, IReadOnlyList<SessionNode> Nodes)
{
    /// <summary>SHA-256 of the calibration that the policy decides by: 32 bytes, all zero without one.</summary>
    public ReadOnlyMemory<byte> CalibrationHash { get; init; } = new byte[RecordingFormat.HashBytes];

    /// <summary>The names of a route tree.</summary>
    public static IReadOnlyList<SessionNode> NodesOf(RouteTree tree) =>
        [.. tree.Nodes.Select(n => new SessionNode(n.PathName,
            [.. n.Options.Select(o => new SessionOption(o.Kind, o.NodeIndex, o.Name))]))];
}

/// <summary>The first record of a recording.</summary>
/// <param name="StartNs">Monotonic clock at the start.</param>
/// <param name="UtcNs">Nanoseconds since 1970-01-01 UTC at the same instant.</param>
/// <param name="ConfigHash">SHA-256 of the effective device config: 32 bytes.</param>
public sealed record SessionStart(long StartNs, long UtcNs, string EngineVersion, ReadOnlyMemory<byte> ConfigHash,
    IReadOnlyList<SessionSource> Sources);
