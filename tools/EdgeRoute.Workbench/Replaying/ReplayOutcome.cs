namespace EdgeRoute.Workbench.Replaying;

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
    string Recording, string Source, string Policy, long FrameCount, long ComparedCount, long ForcedCount, long DifferentCount, string? FirstDifference)
{
    public IReadOnlyList<string> Lines()
    {
        string forced = ForcedCount == 0 ? "" : $"; {ForcedCount} more were forced (safety lock or fixed route) and are not the policy's";
        string what = $"source '{Source}', policy '{Policy}': {ComparedCount} decisions of {FrameCount} frames again";
        return FirstDifference is null ? [$"{what}, all the same{forced}"] : [$"{what}, {DifferentCount} different{forced}", $"first difference: {FirstDifference}"];
    }
}
