using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>Decides a recording again: with its own policy, which must come out the same, or with another, which is the what-if.</summary>
public static class ReplayRun
{
    /// <param name="stream">The recording from its start; read twice where its fixed path must be found first.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="request">What is asked.</param>
    /// <exception cref="InvalidDataException">The file is no recording.</exception>
    /// <exception cref="PackRefusedException">The pack cannot be used.</exception>
    /// <exception cref="ArgumentException">Recording, pack, calibration and what is asked do not belong together; the message says which to
    /// change.</exception>
    public static ReplayOutcome Run(Stream stream, string name, ReplayRequest request)
    {
        var pass = new RecordingPass(stream, name);
        int source = pass.FindSource(request.Source);
        var pack = PackReader.Read(request.Pack, request.Files);
        var tree = new RouteTree(pack.Graph);
        if (TraceRedecision.FindTreeProblem(pass.Session, source, tree) is { } problem)
        {
            throw new ArgumentException(problem);
        }

        return request.IsWhatIf ? WhatIf(pass, source, request, pack, tree) : Same(stream, pass, source, request, pack, tree);
    }

    private static ReplayOutcome Same(Stream stream, RecordingPass pass, int sourceIndex, ReplayRequest request, Pack pack, RouteTree tree)
    {
        var source = pass.Session.Sources[sourceIndex];
        CheckManifest(source, pack);
        var policy = RecordedPolicy(stream, pass, sourceIndex, request, pack, tree);
        var again = new TraceRedecision(tree, policy);
        pass.Run(sourceIndex, (in TraceRecord record) => again.Decide(record));
        return new ReplayOutcome(
            new SamePolicyReport(
                pass.Name, source.Name, source.PolicyName, pass.TraceCount, again.ComparedCount, again.ForcedCount, again.DifferentCount,
                again.FirstDifference?.ToString()),
            null, pass.Warning);
    }

    private static void CheckManifest(SessionSource source, Pack pack)
    {
        string recorded = Convert.ToHexStringLower(source.ManifestHash.Span);
        if (recorded != pack.ManifestSha256)
        {
            throw new ArgumentException($"source '{source.Name}' was recorded with another version of pack '{source.PackName}' (manifest "
                + $"{recorded[..12]}, this one is "
                + $"{pack.ManifestSha256[..12]}), whose thresholds may differ; give that version, or ask what this one would do "
                + "with --policy");
        }
    }

    private static IRoutePolicy RecordedPolicy(Stream stream, RecordingPass pass, int sourceIndex, ReplayRequest request, Pack pack,
        RouteTree tree)
    {
        var source = pass.Session.Sources[sourceIndex];
        switch (source.PolicyName)
        {
            case "cascade":
                return PolicyChoice.CascadeOf(pack, tree);
            case "fixed":
                return new FixedPolicy(tree, FixedPathOf(stream, pass.Name, sourceIndex, tree)
                    ?? throw new ArgumentException($"no frame of source '{source.Name}' shows which path its policy 'fixed' took; name "
                        + "it: --policy fixed:PATH"));
            case "skipping":
                throw new ArgumentException($"source '{source.Name}' was decided by the policy 'skipping', and a recording does not say "
                    + "for how long it carries; name it: --policy skipping:PATH/MS");
            case "value":
                var loaded = PolicyChoice.CalibrationOf(request.Calibration, pack, tree, isNeeded: true)!;
                string recorded = Convert.ToHexStringLower(source.CalibrationHash.Span);
                return loaded.Sha256 == recorded ? new ValuePolicy(loaded.Calibration)
                    : throw new ArgumentException($"source '{source.Name}' was decided by the calibration with SHA-256 "
                        + $"{recorded[..12]}...; this one has {loaded.Sha256[..12]}.... "
                        + "Give that file with --calibration, or ask what this one would do with --policy value");
            default:
                throw new ArgumentException(
                    $"source '{source.Name}' was decided by a policy '{source.PolicyName}', which this tool does not have; "
                    + "ask about another with --policy");
        }
    }

    /// <summary>The session names the policy but not its path; the first frame that ran freely to its end shows it.</summary>
    private static string? FixedPathOf(Stream stream, string name, int sourceIndex, RouteTree tree)
    {
        long position = stream.Position;
        stream.Position = 0;
        string? path = null;
        new RecordingPass(stream, name).Run(sourceIndex,
            (in TraceRecord record) => path ??= IsFree(record) ? tree.Nodes[record.NodeIndex].PathName : null);
        stream.Position = position;
        return path;
    }

    private static bool IsFree(in TraceRecord record)
    {
        bool isFree = record.NodeIndex > 0 && record.DecisionCount > 0;
        for (int i = 0; i < record.DecisionCount; i++)
        {
            isFree &= record.Decisions[i].Reason is DecisionReason.Policy or DecisionReason.OnlyOption;
        }

        return isFree;
    }

    /// <summary>Costs measured by the calibration; else those of the pack's first profile.</summary>
    internal static CostTable CostsOf(PolicyChoice choice, Pack pack, RouteTree tree)
    {
        var costs = new CostTable(tree);
        if (choice.Calibration is { } calibration)
        {
            calibration.FillCosts(tree, costs);
        }
        else if (pack.CostProfiles.Count > 0)
        {
            pack.FillCosts(tree, costs, pack.CostProfiles[0].Device);
        }

        return costs;
    }

    private static ReplayOutcome WhatIf(RecordingPass pass, int sourceIndex, ReplayRequest request, Pack pack, RouteTree tree)
    {
        var source = pass.Session.Sources[sourceIndex];
        var choice = PolicyChoice.Of(request, pack, tree);
        var tally = new WhatIfTally(tree, choice, CostsOf(choice, pack, tree));
        pass.Run(sourceIndex, tally.Add);
        return new ReplayOutcome(null, tally.Report(pass.Name, source, choice), pass.Warning);
    }
}

/// <summary>What came of deciding again: one of the two reports.</summary>
/// <param name="Warning">What is missing from the recording; null for a whole one.</param>
public sealed record ReplayOutcome(SamePolicyReport? Same, WhatIfReport? WhatIf, string? Warning)
{
    public bool IsDifferent => Same is { DifferentCount: > 0 };
}

/// <summary>Decided again with the recorded policy.</summary>
/// <param name="ForcedCount">Choices that a safety lock or the fixed route forced: not the policy's, so not compared.</param>
/// <param name="FirstDifference">In words; null where all are the same.</param>
public sealed record SamePolicyReport(
    string Recording, string Source, string Policy, long FrameCount, long ComparedCount, long ForcedCount, long DifferentCount,
    string? FirstDifference)
{
    public IReadOnlyList<string> Lines()
    {
        string forced = ForcedCount == 0 ? "" : $"; {ForcedCount} more were forced (safety lock or fixed route) and are not the policy's";
        string what = $"source '{Source}', policy '{Policy}': {ComparedCount} decisions of {FrameCount} frames again";
        return FirstDifference is null ? [$"{what}, all the same{forced}"]
            : [$"{what}, {DifferentCount} different{forced}", $"first difference: {FirstDifference}"];
    }
}

/// <summary>What is to be decided again.</summary>
/// <param name="Pack">Manifest or its folder.</param>
/// <param name="Files">Folder of the model files where they are not beside it.</param>
/// <param name="Source">Name or index; null where the recording has only one.</param>
/// <param name="Policy"><c>value</c>, <c>cascade</c> or <c>fixed:PATH</c>; null for the recorded one.</param>
/// <param name="Calibration">File; null for the usual one beside the manifest.</param>
/// <param name="PricePerMs">At most one of the three operating points is given.</param>
public sealed record ReplayRequest(
    string Pack, string? Files, string? Source, string? Policy, string? Calibration, double? PricePerMs = null, double? BudgetMs = null,
    double? Floor = null)
{
    /// <summary>Something other than what was recorded is asked for.</summary>
    public bool IsWhatIf => Policy is not null || PricePerMs is not null || BudgetMs is not null || Floor is not null;
}
