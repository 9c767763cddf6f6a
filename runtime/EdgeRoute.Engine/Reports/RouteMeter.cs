using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Energy;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Reports;

/// <summary>
/// Counts the routes that frames take and learns from the board's energy what each of them takes, apart from what is drawn idle. Frames are
/// counted on the loop's thread, energy comes from the monitor's, and any thread may ask.
/// </summary>
public sealed class RouteMeter : IAnswerConsumer
{
    /// <summary>Routes told apart; frames on others count as drawn idle. Dozens never come in mixtures that tell them apart.</summary>
    public const int RouteLimit = 24;

    /// <summary>A frame more or less at the ends of a stretch is then a small part of it.</summary>
    private const double StretchSeconds = 2;

    /// <summary>About how long a frame keeps a board busy, for the prior only.</summary>
    private const double UsualMs = 30;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Stream, int Node), int> _routes = [];
    private readonly long[] _runs = new long[RouteLimit], _before = new long[RouteLimit], _stretch = new long[RouteLimit];
    private RouteEnergy? _energy;
    private double _joules = double.NaN;
    private long _sinceNs;

    /// <summary>Drawn when no frame is on its way; not numbers while it is not known.</summary>
    public EnergyEstimate IdleWatts
    {
        get
        {
            lock (_gate)
            {
                return _energy?.IdleWatts ?? EnergyEstimate.None;
            }
        }
    }

    /// <summary>A frame was answered by a node of a stream's tree.</summary>
    public void Count(int stream, int node)
    {
        lock (_gate)
        {
            if (!_routes.TryGetValue((stream, node), out int route) && _routes.Count < RouteLimit)
            {
                route = _routes.Count;
                _routes.Add((stream, node), route);
            }

            // A route beyond the limit is not in the table, and must not be taken for the first.
            _runs[route] += _routes.ContainsKey((stream, node)) ? 1 : 0;
        }
    }

    public void Publish(in PublishedFrame frame)
    {
        // A reused answer takes next to nothing: were it a route, frames would always add up, and nothing could be told from idle.
        if (frame.Record.NodeIndex >= 0 && frame.Record.End != FrameEnd.Skipped)
        {
            Count(frame.StreamIndex, frame.Record.NodeIndex);
        }
    }

    /// <summary>The board was measured once more.</summary>
    public void Observe(BoardReading board, long nowNs)
    {
        lock (_gate)
        {
            double seconds = (nowNs - _sinceNs) / 1e9;
            if (board.EnergyJoules is not { } joules || board.Watts is not { } watts)
            {
                _joules = double.NaN;
            }
            else if (double.IsNaN(_joules) || seconds >= StretchSeconds)
            {
                Learn(joules - _joules, watts, seconds);
                (_joules, _sinceNs) = (joules, nowNs);
                _runs.CopyTo(_before, 0);
            }
        }
    }

    /// <summary>Of one run of a route, in millijoules; not numbers while it is not known.</summary>
    public EnergyEstimate MillijoulesOf(int stream, int node)
    {
        lock (_gate)
        {
            return _energy is not null && _routes.TryGetValue((stream, node), out int route) && _energy.Millijoules(route) is var known
                && known.IsKnown ? known : EnergyEstimate.None;
        }
    }

    /// <summary>Nodes mean other routes from now on.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _routes.Clear();
            Array.Clear(_runs);
            (_energy, _joules) = (null, double.NaN);
        }
    }

    private void Learn(double joules, double watts, double seconds)
    {
        if (!double.IsFinite(joules))
        {
            return;
        }

        _energy ??= new RouteEnergy(RouteLimit, Math.Max(watts, 0.1), Math.Max(watts, 0.1) * UsualMs);
        for (int i = 0; i < RouteLimit; i++)
        {
            _stretch[i] = _runs[i] - _before[i];
        }

        _energy.Observe(_stretch, joules, seconds);
    }
}
