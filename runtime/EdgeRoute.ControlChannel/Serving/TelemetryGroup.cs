using System.Buffers;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>
/// All subscribers of one rate: they get the same messages at the same time, so one status is made and written for all, and counts since
/// the last one are the same.
/// </summary>
internal sealed class TelemetryGroup(double rateHz)
{
    private readonly long _periodNs = (long)(1e9 / rateHz);
    private readonly ArrayBufferWriter<byte> _status = new();
    private readonly Dictionary<string, Baseline> _baselines = new(StringComparer.Ordinal);
    private long _dueNs = long.MinValue;

    private sealed record Baseline(long[] Nodes, long Dropped, long Failed, long Late);

    public double RateHz => rateHz;

    public List<TelemetrySubscription> Members { get; } = [];

    public bool IsDue(long nowNs) => Members.Count > 0 && nowNs >= _dueNs;

    /// <returns>Messages lost.</returns>
    public int Send(DeviceStatus status, FrameWatch? watch, ArrayBufferWriter<byte> buffer, long nowNs)
    {
        // On the grid of the period, so that a tick that comes late does not make the next one late too.
        _dueNs = _dueNs == long.MinValue || nowNs - _dueNs > _periodNs ? nowNs + _periodNs : _dueNs + _periodNs;
        foreach (var stream in status.Streams)
        {
            AddRecent(stream, watch);
        }

        foreach (string gone in _baselines.Keys.Except(status.Streams.Select(s => s.Name)).ToList())
        {
            _baselines.Remove(gone);
        }

        _status.ResetWrittenCount();
        FieldWriter.Write(_status, status);
        int lost = 0;
        foreach (var member in Members)
        {
            lost += member.Send(buffer, _status.WrittenSpan) ? 0 : 1;
        }

        return lost;
    }

    private void AddRecent(StreamStatus stream, FrameWatch? watch)
    {
        int index = watch?.IndexOf(stream.Name) ?? -1;
        long[] nodes = index >= 0 ? watch!.NodeTotals(index) : [];
        var last = _baselines.GetValueOrDefault(stream.Name);
        bool isSameTree = last is not null && last.Nodes.Length == nodes.Length && !nodes.Where((n, i) => n < last.Nodes[i]).Any();
        stream.RecentNodes = last is null ? [.. nodes.Select(_ => 0L)] : [.. nodes.Select((n, i) => isSameTree ? n - last.Nodes[i] : n)];
        stream.RecentDropped = Math.Max(0, stream.Dropped - (last?.Dropped ?? stream.Dropped));
        stream.RecentFailed = Math.Max(0, stream.Failed - (last?.Failed ?? stream.Failed));
        stream.RecentLate = Math.Max(0, stream.Late - (last?.Late ?? stream.Late));
        _baselines[stream.Name] = new Baseline(nodes, stream.Dropped, stream.Failed, stream.Late);
    }
}
