using System.Globalization;
using System.Text;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Board;

namespace EdgeRoute.Engine.Reports;

/// <summary>
/// One line of how a run is going: redrawn in place on a terminal, and now and then as a line of its own where the output is a file or a
/// journal. Called from a thread other than the loop's.
/// </summary>
/// <param name="isTerminal">The writer is a terminal that obeys cursor control.</param>
/// <param name="width">Columns of the terminal; longer lines are cut, because a wrapped one cannot be redrawn.</param>
public sealed class StatusLine(TextWriter writer, bool isTerminal, int width)
{
    /// <summary>Five redraws a second are as many as one can read.</summary>
    public const long TerminalIntervalNs = 200_000_000;

    /// <summary>A journal wants a sign of life, not a film.</summary>
    public const long PlainIntervalNs = 5_000_000_000;

    /// <summary>Paths shown by name; the rest is summed, so that the line has an end.</summary>
    private const int PathLimit = 4;

    private const string ClearLine = "\r\u001b[2K";

    private long _startNs = -1;
    private long _drawnNs;

    /// <summary>Frames that had ended when the line was last drawn, by source: sources come and go.</summary>
    private Dictionary<string, long> _drawnCounts = new(StringComparer.Ordinal);
    private bool _isDrawn;

    /// <summary>Draws the line when it is due. True when it was drawn.</summary>
    /// <param name="board">The machine as last measured; null where nobody looked.</param>
    public bool Update(long nowNs, IReadOnlyList<SourceStatus> sources, BoardReading? board = null)
    {
        if (_startNs < 0)
        {
            (_startNs, _drawnNs) = (nowNs, nowNs);
            return false;
        }

        if (nowNs - _drawnNs < (isTerminal ? TerminalIntervalNs : PlainIntervalNs))
        {
            return false;
        }

        long fresh = sources.Sum(s => Math.Max(0, s.Ends.Ended - _drawnCounts.GetValueOrDefault(s.Tally.SourceName)));
        string line = Text((nowNs - _startNs) / 1e9, fresh * 1e9 / (nowNs - _drawnNs), sources)
            + BoardText.Brief(board ?? BoardReading.None);
        writer.Write(isTerminal ? ClearLine + Cut(line) : line + "\n");
        writer.Flush();
        (_drawnNs, _isDrawn) = (nowNs, true);
        _drawnCounts = sources.ToDictionary(s => s.Tally.SourceName, s => s.Ends.Ended, StringComparer.Ordinal);
        return true;
    }

    /// <summary>Clears a drawn line, so that what is written next starts on a clean one; the next update draws it again.</summary>
    public void Clear()
    {
        if (isTerminal && _isDrawn)
        {
            writer.Write(ClearLine);
            writer.Flush();
            _isDrawn = false;
        }
    }

    private static string Text(double seconds, double rate, IReadOnlyList<SourceStatus> sources)
    {
        var (ends, latency) = (default(EndTally), new LatencyHistogram());
        foreach (var source in sources)
        {
            ends += source.Ends;
            latency.Add(source.Tally.Latency);
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{seconds,6:0.0} s  {ends.Captured} frames  {rate:0.0}/s  ");
        foreach (string words in sources.Select(s => s.Words).OfType<string>())
        {
            text.Append(words).Append("  ");
        }

        AddShares(text, sources);
        if (latency.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  p50 {latency.QuantileNs(0.5) / 1e6:0.0}  p99 "
                + $"{latency.QuantileNs(0.99) / 1e6:0.0} ms");
        }

        text.Append(PolicyReport.Sum(sources.Select(s => s.Policy)) is { } policy ? "  " + policy.ToBrief() : "");
        text.Append(CultureInfo.InvariantCulture, $"  drops {ends.Dropped}  failed {ends.Failed}  faults {sources.Sum(s => s.FaultCount)}");
        return text.ToString();
    }

    private static void AddShares(StringBuilder text, IReadOnlyList<SourceStatus> sources)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var tally in sources.SelectMany(s => s.Tally.WithEarlier()))
        {
            for (int i = 0; i < tally.Paths.Length; i++)
            {
                string name = tally.Tree.Nodes[i].PathName;
                counts[name] = counts.GetValueOrDefault(name) + tally.Paths[i].Count;
            }
        }

        double total = Math.Max(1, counts.Values.Sum());
        var shown = counts.Where(c => c.Value > 0).OrderByDescending(c => c.Value).ToList();
        text.AppendJoin("  ",
            shown.Take(PathLimit).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value / total * 100:0}%")));
        if (shown.Count > PathLimit)
        {
            text.Append(CultureInfo.InvariantCulture, $"  others {shown.Skip(PathLimit).Sum(c => c.Value) / total * 100:0}%");
        }
    }

    /// <summary>One column stays free: a character in the last one makes some terminals wrap.</summary>
    private string Cut(string line) => line.Length < width ? line : line[..Math.Max(0, width - 1)];
}
