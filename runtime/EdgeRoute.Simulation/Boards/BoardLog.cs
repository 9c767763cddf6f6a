using System.Globalization;
using System.Text;
using EdgeRoute.Core.Prices;
using EdgeRoute.Engine.Reports;

namespace EdgeRoute.Simulation.Boards;

/// <summary>What a simulated board did in a minute.</summary>
/// <param name="Celsius">At its end; <paramref name="HottestCelsius"/> the most in it.</param>
/// <param name="Clock">Least part of the mode's clock.</param>
/// <param name="Quality">Mean over the frames captured: a late answer counts nothing, a dropped frame has the answer before.</param>
/// <param name="HeavyShare">Of the frames that ended by the costliest path.</param>
/// <param name="Price">Of the first source, at its end.</param>
public sealed record BoardMinute(double Seconds, double AmbientCelsius, double Celsius, double HottestCelsius, double Watts, double Clock,
    int ThrottleCount, double Quality, double DeviceMs, double HeavyShare, double DroppedShare, double LateShare, double Price);

/// <summary>The run in figures.</summary>
/// <param name="SecondsToLimit">Of a budget in temperature, at the power drawn last; null without one or where it is never reached.</param>
public sealed record BoardReport(string Board, double Seconds, long FrameCount, double Quality, double WattsMean, double HottestCelsius,
    int ThrottleCount, double ThrottledSeconds, int BrownOutCount, bool SwitchedOff, double? IdleWatts, string Fingerprint,
    double? SecondsToLimit,
    IReadOnlyList<BoardSourceReport> Sources);

/// <summary>One source in figures.</summary>
/// <param name="Paths">Shares of the frames that were taken, by path.</param>
/// <param name="Energies">Of the paths that the rail told apart.</param>
public sealed record BoardSourceReport(string Name, long CapturedCount, long DroppedCount, long LateCount, double Quality,
    double DeviceMsMean, double Price, IReadOnlyDictionary<string, double> Paths, IReadOnlyDictionary<string, BoardEnergy> Energies,
    IReadOnlyList<BoardBudget> Budgets);

/// <summary>What a frame on a path takes beyond what is drawn idle, and half the interval that holds it 19 times in 20.</summary>
public sealed record BoardEnergy(double Millijoules, double Margin);

/// <summary>A limit and what was measured last.</summary>
public sealed record BoardBudget(string Name, double? Measured, double Target, string Unit, bool IsMissed);

/// <summary>Adds a run up, minute by minute.</summary>
internal sealed class BoardLog(SimulatedBoard board, RouteMeter meter, BoardStream[] streams)
{
    private const double MinuteSeconds = 60;

    private readonly List<BoardMinute> _minutes = [];
    private readonly int[] _heavyNodes = HeaviestOf(streams[0]);
    private double _seconds, _hottest, _allHottest, _clock = 1, _joules;
    private int _throttles;
    private Sums _last;

    public IReadOnlyList<BoardMinute> Minutes => _minutes;

    public void Step(double seconds)
    {
        _seconds += seconds;
        (_hottest, _clock) = (Math.Max(_hottest, board.Celsius), Math.Min(_clock, board.Clock));
        _allHottest = Math.Max(_allHottest, board.Celsius);
        if (_seconds > MinuteSeconds - (seconds / 2) || board.IsOff)
        {
            Close();
        }
    }

    public BoardReport Report(BoardAddress address, double seconds, long frameCount, ulong fingerprint)
    {
        double captured = Math.Max(streams.Sum(s => s.CapturedCount), 1);
        var heat = streams.SelectMany(s => s.Deciding.Pricing?.Prices.Controllers ?? []).OfType<HeatPrice>().FirstOrDefault();
        return new BoardReport(address.Profile.Name, seconds, frameCount, streams.Sum(s => s.QualitySum) / captured,
            seconds > 0 ? board.Joules / seconds : 0, _allHottest, board.ThrottleCount, board.ThrottledSeconds, board.BrownOutCount,
            board.IsOff, meter.IdleWatts is { IsKnown: true } idle ? idle.Value : null,
            fingerprint.ToString("x16", CultureInfo.InvariantCulture),
            heat is not null && double.IsFinite(heat.SecondsToLimit) ? heat.SecondsToLimit : null, [.. streams.Select(SourceOf)]);
    }

    private BoardSourceReport SourceOf(BoardStream stream)
    {
        double captured = Math.Max(stream.CapturedCount, 1), taken = Math.Max(stream.CapturedCount - stream.DroppedCount, 1);
        var paths = stream.Tree.Nodes.Where(n => stream.PathCounts[n.Index] > 0)
            .ToDictionary(n => n.PathName, n => stream.PathCounts[n.Index] / taken, StringComparer.Ordinal);
        var budgets = (stream.Deciding.Pricing?.Prices.Controllers ?? []).Where(c => double.IsFinite(c.Reading.Target))
            .Select(c => new BoardBudget(c.Name, double.IsFinite(c.Reading.Measured) ? c.Reading.Measured : null, c.Reading.Target,
                c.Reading.Unit, c.IsMissed));
        var energies = stream.Tree.Nodes.Select(n => (n.PathName, Energy: meter.MillijoulesOf(stream.Index, n.Index)))
            .Where(e => e.Energy.IsKnown && paths.ContainsKey(e.PathName))
            .ToDictionary(e => e.PathName, e => new BoardEnergy(e.Energy.Value, e.Energy.Margin), StringComparer.Ordinal);
        return new BoardSourceReport(stream.Name, stream.CapturedCount, stream.DroppedCount, stream.LateCount,
            stream.QualitySum / captured, stream.DeviceMsSum / taken, stream.Price, paths, energies, [.. budgets]);
    }

    private void Close()
    {
        var now = new Sums(streams.Sum(s => s.CapturedCount), streams.Sum(s => s.DroppedCount), streams.Sum(s => s.LateCount),
            _heavyNodes.Sum(n => streams[0].PathCounts[n]), streams.Sum(s => s.QualitySum), streams.Sum(s => s.DeviceMsSum));
        double captured = Math.Max(now.Captured - _last.Captured, 1), taken = Math.Max(captured - (now.Dropped - _last.Dropped), 1);
        _minutes.Add(new BoardMinute(board.Seconds, board.AmbientCelsius, board.Celsius, _hottest, (board.Joules - _joules) / _seconds,
            _clock, board.ThrottleCount - _throttles, (now.Quality - _last.Quality) / captured, (now.Ms - _last.Ms) / taken,
            (now.Heavy - _last.Heavy) / taken, (now.Dropped - _last.Dropped) / captured, (now.Late - _last.Late) / captured,
            streams[0].Price));
        (_last, _joules, _throttles) = (now, board.Joules, board.ThrottleCount);
        (_seconds, _hottest, _clock) = (0, 0, 1);
    }

    /// <summary>Nodes of the costliest path's last stage, whatever comes before it.</summary>
    private static int[] HeaviestOf(BoardStream stream)
    {
        var heaviest = stream.Tree.FindPath(stream.Deciding.Calibration!.Document.HeaviestPath);
        return [.. stream.Tree.Nodes.Where(n => n.VariantIndex >= 0 && n.VariantIndex == heaviest?.VariantIndex).Select(n => n.Index)];
    }

    private readonly record struct Sums(long Captured, long Dropped, long Late, long Heavy, double Quality, double Ms);
}

/// <summary>A run's minutes as a table for spreadsheets and plots.</summary>
public static class BoardTable
{
    public static string Header => "seconds,ambient_celsius,celsius,hottest_celsius,watts,clock,throttles,quality,device_ms,heavy_share,"
        + "dropped_share,late_share,price_per_ms";

    /// <summary>The table, its header first, a line for each minute.</summary>
    public static string Of(IEnumerable<BoardMinute> minutes)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var m in minutes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{m.Seconds:0},{m.AmbientCelsius:0.##},{m.Celsius:0.##},{m.HottestCelsius:0.##},");
            text.Append(CultureInfo.InvariantCulture, $"{m.Watts:0.###},{m.Clock:0.##},{m.ThrottleCount},{m.Quality:0.#####},");
            text.Append(CultureInfo.InvariantCulture, $"{m.DeviceMs:0.###},{m.HeavyShare:0.####},{m.DroppedShare:0.####},");
            text.Append(CultureInfo.InvariantCulture, $"{m.LateShare:0.####},{m.Price:0.######}\n");
        }

        return text.ToString();
    }
}
