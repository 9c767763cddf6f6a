namespace EdgeRoute.Workbench.Frontiers;

/// <summary>One policy's quality and cost on the judged frames.</summary>
/// <param name="Family">fixed, cascade, value, random or oracle.</param>
/// <param name="Name">Which one: a path, thresholds, a price.</param>
/// <param name="Quality">Mean quality in [0, 1].</param>
/// <param name="Ms">Mean device time per frame.</param>
/// <param name="CostShare">The same as a share of always taking the heaviest path.</param>
/// <param name="PricePerMs">Of the value rule and the oracle; null otherwise.</param>
/// <param name="Regret">Value rule: how much less value than the oracle at the same price, in gain; null otherwise.</param>
public sealed record FrontierPoint(string Family, string Name, double Quality, double Ms, double CostShare, double? PricePerMs, double? Regret);
