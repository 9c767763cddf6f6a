using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>Adds up a what-if over the frames of a source.</summary>
internal sealed class WhatIfTally(RouteTree tree, PolicyChoice choice, CostTable known)
{
    /// <summary>Kinds of change that are listed: the large ones; a deep pack has hundreds.</summary>
    private const int ChangeLimit = 8;

    private readonly WhatIfWalker _walker = new(tree, choice.Policy, choice.Calibration?.Calibration, known, choice.PricePerMs);
    private readonly Dictionary<(string From, string To), long> _moves = [];

    /// <summary>By node at which a cascade's verdict stays open: frames, and the sums of what going on would add.</summary>
    private readonly Dictionary<int, (double Quality, double Ms)> _open = [];
    private double _quality, _ms, _recordedQuality, _recordedMs, _measuredMs, _auditWeight, _auditLoss;
    private long _frames, _expected, _kept, _leftOut, _changed, _audited;

    public void Add(in TraceRecord record)
    {
        if (record.NodeIndex < 0 || record.End == FrameEnd.Failed || record.DecisionCount == 0)
        {
            _leftOut++;
            return;
        }

        bool isKept = IsForced(record);
        var was = _walker.WalkRecorded(record);
        var now = isKept ? was : _walker.Walk(record);
        _walker.Keep(now, record);
        _frames++;
        _kept += isKept ? 1 : 0;
        _expected += now.IsExpected ? 1 : 0;
        AddFigures(record, was, now);
        AddMove(was, now);
    }

    public WhatIfReport Report(string recording, SessionSource source, PolicyChoice asked)
    {
        foreach (var (node, further) in _open)
        {
            _quality += _walker.OnwardShareAt(node) * further.Quality;
            _ms += _walker.OnwardShareAt(node) * further.Ms;
        }

        bool hasQuality = asked.Calibration is not null;
        var recorded = new RecordedFigures(
            hasQuality ? Mean(_recordedQuality) : null, Mean(_recordedMs), Mean(_measuredMs), _audited, _auditWeight > 0
                ? 1 - (_auditLoss / _auditWeight) : null);
        return new WhatIfReport(
            recording, source.Name, source.PolicyName, asked.Words, asked.PricePerMs, _frames, _expected, _kept, _leftOut,
            _changed, recorded,
            new PredictedFigures(hasQuality ? Mean(_quality) : null, Mean(_ms)), Paths(), Changes(), [.. asked.Notes,
                .. Notes(hasQuality)]);
    }

    private double? Mean(double sum) => _frames == 0 ? null : Figures.Finite(sum / _frames);

    /// <summary>Not the policy's choices: they would have come about whatever it wanted.</summary>
    public static bool IsForced(in TraceRecord record)
    {
        bool isForced = (record.Flags & (TraceFlags.SignalsFailed | TraceFlags.Fallback)) != 0;
        for (int i = 0; i < record.DecisionCount; i++)
        {
            isForced |= record.Decisions[i].Reason is DecisionReason.SafetyLock or DecisionReason.FixedRoute;
        }

        return isForced;
    }

    private void AddFigures(in TraceRecord record, in WhatIfWalk was, in WhatIfWalk now)
    {
        (_recordedQuality, _recordedMs) = (_recordedQuality + was.Quality, _recordedMs + was.Ms);
        // Crops come after the answer, whichever path it takes; no option foresees them.
        _measuredMs += Figures.MsOf(record.PreprocessNs + record.StagesNs + record.HeadsNs - (record.CropsMicroseconds * 1000L));
        (_quality, _ms) = (_quality + now.Quality, _ms + now.Ms);
        if (double.IsFinite(now.FurtherMs))
        {
            var open = _open.GetValueOrDefault(now.NodeIndex);
            _open[now.NodeIndex] = (open.Quality + now.FurtherQuality - now.Quality, open.Ms + now.FurtherMs - now.Ms);
        }

        if (float.IsFinite(record.AuditLoss))
        {
            double weight = record.AuditProbability > 0 ? 1 / record.AuditProbability : 1;
            (_audited, _auditWeight, _auditLoss) = (_audited + 1, _auditWeight + weight, _auditLoss + (weight * record.AuditLoss));
        }
    }

    private void AddMove(in WhatIfWalk was, in WhatIfWalk now)
    {
        string from = tree.Nodes[was.NodeIndex].PathName, to = tree.Nodes[now.NodeIndex].PathName;
        to = now.IsOpen ? OpenName(to) : to;
        _moves[(from, to)] = _moves.GetValueOrDefault((from, to)) + 1;
        _changed += from == to ? 0 : 1;
    }

    private bool IsPrevious(string path) => tree.FindPath(path) is { StageIndex: RouteGraph.Previous };

    private string OpenName(string path) => choice.Policy is FixedPolicy { PathName: var aim } ? aim : path + " or further";

    private List<PathCounts> Paths()
    {
        var names = _moves.Keys.SelectMany(k => new[] { k.From, k.To }).Distinct().ToList();
        return [.. names.Select(n => new PathCounts(n, _moves.Where(m => m.Key.From == n).Sum(m => m.Value),
            _moves.Where(m => m.Key.To == n).Sum(m => m.Value)))
            .OrderByDescending(p => p.RecordedCount).ThenByDescending(p => p.PredictedCount).ThenBy(p => p.Path, StringComparer.Ordinal)];
    }

    private List<PathChange> Changes() =>
        [.. _moves.Where(m => m.Key.From != m.Key.To).OrderByDescending(m => m.Value).ThenBy(m => m.Key.From,
            StringComparer.Ordinal).Take(ChangeLimit)
            .Select(m => new PathChange(m.Key.From, m.Key.To, m.Value))];

    private IEnumerable<string> Notes(bool hasQuality)
    {
        if (!hasQuality)
        {
            yield return "There is no calibration, so expected quality is unknown; 'edgeroute calibrate' makes one.";
        }

        if (_walker.FilledCount > 0)
        {
            yield return "Stages that the recording had not run yet have no cost there; theirs were taken from the "
                + (choice.Calibration is { Document.Device: var device } ? $"calibration (device '{device}')." : "pack's cost profiles.");
        }

        if (_walker.UnknownCostCount > 0)
        {
            yield return "The cost of some stages is not known at all and counts as 0, so the predicted time is too low; a "
                + "calibration knows it.";
        }

        if (_expected > 0)
        {
            yield return $"On {_expected} frames the policy goes to a stage that the recording did not run: what it would have found "
                + "there is not known, "
                + "so their quality and cost are what the calibration expects.";
        }

        if (_open.Count > 0)
        {
            yield return "Where a cascade's verdict cannot be known, it is taken to go on as often as at the exits that were reached.";
        }

        long reused = _moves.Where(m => IsPrevious(m.Key.To)).Sum(m => m.Value) - _moves.Where(m => IsPrevious(m.Key.From))
            .Sum(m => m.Value);
        if (_changed > 0)
        {
            yield return "Drift and carried boxes are those of the recording; had other frames been answered, later ones would have seen "
                + "others."
                + (reused <= 0 ? ""
                    : $" Here {reused} more frames than recorded reuse an answer: "
                        + "take the expected quality for too high, and 'edgeroute frontier' on the footage for the truth.");
        }
    }
}
