namespace EdgeRoute.Workbench.Replaying;

/// <summary>What is to be decided again.</summary>
/// <param name="Pack">Manifest or its folder.</param>
/// <param name="Files">Folder of the model files where they are not beside it.</param>
/// <param name="Source">Name or index; null where the recording has only one.</param>
/// <param name="Policy"><c>value</c>, <c>cascade</c> or <c>fixed:PATH</c>; null for the recorded one.</param>
/// <param name="Calibration">File; null for the usual one beside the manifest.</param>
/// <param name="PricePerMs">At most one of the three operating points is given.</param>
public sealed record ReplayRequest(
    string Pack, string? Files, string? Source, string? Policy, string? Calibration, double? PricePerMs = null, double? BudgetMs = null, double? Floor = null)
{
    /// <summary>Something other than what was recorded is asked for.</summary>
    public bool IsWhatIf => Policy is not null || PricePerMs is not null || BudgetMs is not null || Floor is not null;
}
