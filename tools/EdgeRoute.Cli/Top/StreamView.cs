using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>One stream as <c>top</c> shows it.</summary>
internal sealed class StreamView
{
    public StreamStatus Status { get; private set; } = new();

    /// <summary>Null until the device has described itself.</summary>
    public StreamDescription? Description { get; set; }

    public PathHistory History { get; } = new();

    /// <summary>The calibration's prediction; null: none, or not asked yet.</summary>
    public CalibrationCurve? Curve { get; set; }

    public string Name => Status.Name;

    public IReadOnlyList<string> Paths => [.. Description?.Nodes.Select(n => n.Path) ?? []];

    /// <summary>Those that run a model: always the previous answer would be none.</summary>
    public IEnumerable<string> LookingPaths => Paths.Skip(1).Where(p => p != PathLegend.Previous);

    public void Take(StreamStatus status)
    {
        if (Status.Pack != status.Pack && Status.Pack.Length > 0)
        {
            History.Clear();
        }

        Status = status;
        History.Add(new PathHistory.Interval(status.RecentNodes, status.RecentDropped, status.RecentFailed, status.RecentLate));
    }
}
