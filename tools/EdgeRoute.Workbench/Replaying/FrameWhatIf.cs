using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>One frame as another price or policy would have decided it, to be laid beside its <see cref="FrameExplanation"/>.</summary>
/// <param name="Policy">Policy and price in words.</param>
/// <param name="PricePerMs">In the calibration's milliseconds; null: as recorded, or the policy knows no price.</param>
/// <param name="Path">Where the frame would have ended, as far as is known.</param>
/// <param name="IsExpected">It would have gone where the recorded frame did not: the rest is expectation.</param>
/// <param name="Quality">Expected; null without a calibration.</param>
/// <param name="Ms">Predicted device time.</param>
/// <param name="RecordedQuality">Of the way that was taken, by the same estimates; likewise the next.</param>
/// <param name="Decisions">Those at places that the recorded frame came to as well, decided now.</param>
public sealed record FrameWhatIf(string Policy, double? PricePerMs, string Path, bool IsExpected, double? Quality, double? Ms,
    string RecordedPath, double? RecordedQuality, double? RecordedMs, IReadOnlyList<DecisionExplanation> Decisions,
    IReadOnlyList<string> Notes)
{
    /// <param name="stream">A recording that holds the frame.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="number">Of the frame.</param>
    /// <exception cref="InvalidDataException">The file is no recording.</exception>
    /// <exception cref="PackRefusedException">The pack cannot be used.</exception>
    /// <exception cref="ArgumentException">There is no such frame, no policy decided it, or pack, calibration and what is asked do not
    /// belong together; the message says which.</exception>
    public static FrameWhatIf Of(Stream stream, string name, long number, ReplayRequest request)
    {
        var pass = new RecordingPass(stream, name);
        int index = pass.FindSource(request.Source);
        var pack = PackReader.Read(request.Pack, request.Files);
        var tree = new RouteTree(pack.Graph);
        if (TraceRedecision.FindTreeProblem(pass.Session, index, tree) is { } problem)
        {
            throw new ArgumentException(problem);
        }

        var choice = PolicyChoice.Of(request, pack, tree);
        FrameWhatIf? found = null;
        pass.Run(index, (in TraceRecord record) => found = record.Stamp.Sequence != number ? found
            : Of(record, pass.Session.Sources[index], request, choice, pack, tree));
        return found ?? throw new ArgumentException($"'{name}' has no frame {number} of source '{pass.Session.Sources[index].Name}'");
    }

    private static FrameWhatIf Of(in TraceRecord record, SessionSource source, ReplayRequest request, PolicyChoice choice, Pack pack,
        RouteTree tree)
    {
        if (record.NodeIndex < 0 || record.End == FrameEnd.Failed || record.DecisionCount == 0 || WhatIfTally.IsForced(record))
        {
            throw new ArgumentException($"frame {record.Stamp.Sequence} was not the policy's to decide (a safety lock, the fixed route "
                + "or a fault did, or nothing was decided), so no other price or policy would have changed it");
        }

        var decided = new List<DecisionRecord>();
        var walker = new WhatIfWalker(tree, choice.Policy, choice.Calibration?.Calibration, ReplayRun.CostsOf(choice, pack, tree),
            choice.PricePerMs) { OnDecided = decided.Add };
        var (now, was) = (walker.Walk(record), walker.WalkRecorded(record));
        var words = new DecisionPhrases(source with { PolicyName = choice.Policy.Name }, pack.Cascade);
        var (signals, isWeighed) = (record.Signals, choice.Policy is ValuePolicy);
        return new FrameWhatIf(choice.Words, Figures.Finite(choice.PricePerMs ?? float.NaN),
            tree.Nodes[now.NodeIndex].PathName + (now.IsOpen ? " or further" : ""), now.IsExpected, FigureOf(now.Quality), FigureOf(now.Ms),
            tree.Nodes[record.NodeIndex].PathName, FigureOf(was.Quality), FigureOf(was.Ms),
            [.. decided.Select(d => words.Of(isWeighed ? d : Unweighed(d), signals))], [.. choice.Notes, .. NotesOf(source, choice)]);
    }

    /// <summary>A policy that does not weigh leaves what another had written down.</summary>
    private static DecisionRecord Unweighed(DecisionRecord decision)
    {
        for (int i = 0; i < decision.OptionCount; i++)
        {
            decision.Values[i] = decision.Values[i] with { Gain = float.NaN, PlanCostMs = float.NaN };
        }

        return decision;
    }

    private static IEnumerable<string> NotesOf(SessionSource source, PolicyChoice choice)
    {
        string recorded = Convert.ToHexStringLower(source.CalibrationHash.Span);
        if (choice.Calibration is { } calibration && source.PolicyName == "value" && calibration.Sha256 != recorded)
        {
            yield return $"The device decides by another calibration ({recorded[..12]}) than the one at hand ({calibration.Sha256[..12]}).";
        }
    }

    private static double? FigureOf(double value) => double.IsFinite(value) ? value : null;
}
