using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Replaying;

/// <summary>The policy of a what-if, with all that it is judged by.</summary>
/// <param name="Words">Policy and price, for people.</param>
/// <param name="Calibration">Gives expected quality; null where there is none.</param>
/// <param name="PricePerMs">Null: the prices that were in force when each frame was recorded.</param>
/// <param name="Notes">How the price was found.</param>
internal sealed record PolicyChoice(IRoutePolicy Policy, string Words, LoadedCalibration? Calibration, float? PricePerMs,
    IReadOnlyList<string> Notes)
{
    /// <exception cref="ArgumentException">Policy, price or calibration cannot be used; the message says why.</exception>
    public static PolicyChoice Of(ReplayRequest request, Pack pack, RouteTree tree)
    {
        string name = request.Policy ?? "value";
        bool isValue = name == "value";
        if (!isValue && (request.PricePerMs is not null || request.BudgetMs is not null || request.Floor is not null))
        {
            throw new ArgumentException($"prices, budgets and floors move the policy 'value'; '{name}' does not look at them");
        }

        var calibration = CalibrationOf(request.Calibration, pack, tree, isNeeded: isValue);
        var notes = new List<string>();
        float? price = isValue ? (float?)PriceOf(request, calibration!.Document, notes, calibration) : null;
        IRoutePolicy policy = name switch
        {
            "value" => new ValuePolicy(calibration!.Calibration),
            "cascade" => CascadeOf(pack, tree),
            _ => NamedOf(name, tree),
        };
        return new PolicyChoice(policy, isValue ? ValuePhrases(price) : name, calibration, price, notes);
    }

    private static string ValuePhrases(float? pricePerMs) =>
        pricePerMs is { } figure ? $"value at {Figures.Short(figure)} per ms" : "value at the recorded prices";

    /// <exception cref="ArgumentException">The pack has no cascade.</exception>
    public static CascadePolicy CascadeOf(Pack pack, RouteTree tree) =>
        pack.Cascade is { } settings ? new CascadePolicy(tree, settings)
            : throw new ArgumentException($"pack '{pack.Name}' has no cascade thresholds; use 'value' or 'fixed:PATH'");

    /// <summary>The calibration named, else the usual one beside the manifest; null where there is none and none is needed.</summary>
    /// <exception cref="ArgumentException">It is needed and absent, or cannot be used.</exception>
    public static LoadedCalibration? CalibrationOf(string? path, Pack pack, RouteTree tree, bool isNeeded)
    {
        string usual = Path.Combine(Path.GetDirectoryName(pack.ManifestPath)!, CalibrationFile.UsualName);
        return path is null && !isNeeded && !File.Exists(usual) ? null : CalibrationFile.Read(path ?? usual, pack, tree);
    }

    private static IRoutePolicy NamedOf(string name, RouteTree tree) => PolicyConfig.Parse(name) switch
    {
        { Kind: PolicyKind.Fixed } named => new FixedPolicy(tree, named.PathName!),
        { Kind: PolicyKind.Skipping } named => new SkippingPolicy(tree, named.PathName!, named.Carry!),
        _ => throw new ArgumentException($"--policy is '{name}'; it must be value, cascade, fixed:PATH or skipping:PATH/MS, where PATH is "
            + $"one of {string.Join(", ", tree.PathNames)}"),
    };

    private static double? PriceOf(ReplayRequest request, CalibrationDocument document, List<string> notes, LoadedCalibration calibration)
    {
        if (request.BudgetMs is { } budget)
        {
            return BudgetPrice(budget, document, notes);
        }

        if (request.Floor is { } floor)
        {
            return FloorPrice(floor, document, notes, calibration);
        }

        return request.PricePerMs;
    }

    /// <summary>The lowest price, and so the best quality, whose predicted cost meets the budget.</summary>
    private static double BudgetPrice(double budgetMs, CalibrationDocument document, List<string> notes)
    {
        var fitting = document.Curve.Where(c => c.Ms <= budgetMs).MinBy(c => c.PricePerMs);
        if (fitting is null)
        {
            string least = document.Curve.Count == 0 ? "its curve is empty"
                : $"its cheapest point takes {Figures.Ms(document.Curve.Min(c => c.Ms))} ms";
            throw new ArgumentException($"the calibration knows no price that meets {Figures.Short(budgetMs)} ms a frame: {least}");
        }

        notes.Add($"The calibration meets {Figures.Short(budgetMs)} ms a frame at {Figures.Short(fitting.PricePerMs)} per ms: "
            + $"{Figures.Ms(fitting.Ms)} ms and quality {Figures.Quality(fitting.Quality)} on its own frames ({document.Source}).");
        return fitting.PricePerMs;
    }

    private static double FloorPrice(double floor, CalibrationDocument document, List<string> notes, LoadedCalibration calibration)
    {
        if (calibration.FloorFor(floor) is not { } certified)
        {
            var known = document.Floors.Where(f => f.PriceIndex >= 0).Select(f => Figures.Short(f.Floor)).ToList();
            throw new ArgumentException($"the calibration certifies no floor of at least {Figures.Short(floor)}; "
                + (known.Count == 0 ? "it certifies none at all" : $"certified are {string.Join(", ", known)}")
                + ". Calibrate with more frames, or ask for a lower floor");
        }

        var point = document.Curve[certified.PriceIndex];
        notes.Add($"Floor {Figures.Short(certified.Floor)} is certified (confidence {Figures.Short(certified.Confidence)}) up to "
            + $"{Figures.Short(point.PricePerMs)} per ms: "
            + $"{Figures.Ms(point.Ms)} ms and quality {Figures.Quality(point.Quality)} on the calibration's own frames "
            + $"({document.Source}).");
        return point.PricePerMs;
    }
}
