using System.Globalization;
using EdgeRoute.Core.Prices;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;

namespace EdgeRoute.Engine.Running;

/// <summary>Budgets that need a power sensor, beside what the machine has.</summary>
internal static class PowerNeed
{
    /// <summary>Those of every source that cannot be held on this machine, in words with the reason.</summary>
    public static IEnumerable<string> Unmet(DeviceConfig config, BoardReading board) => config.Sources.SelectMany(s => Unmet(s, board));

    /// <summary>Those of one source.</summary>
    public static IEnumerable<string> Unmet(SourceConfig source, BoardReading board)
    {
        if (board.HottestCelsius is null && source.Spending.Budgets.Any(b => b.Kind == BudgetKind.Temperature))
        {
            yield return $"source {source.Name}: the temperature cannot be held, because no thermal zone of this machine can be read. Use "
                + "a budget in device time (device_ms) instead; 'edgerouted doctor' lists the zones";
        }

        if (board.PowerSource is not null)
        {
            yield break;
        }

        foreach (var budget in source.Spending.Budgets.Where(b =>
            b.Kind is BudgetKind.Watts or BudgetKind.EnergyMillijoules or BudgetKind.BatteryHours))
        {
            yield return WordsOf(source, board, budget.Target, budget.Unit, "device_ms");
        }

        foreach (var allowance in source.Spending.Allowances.Where(a => a.Kind == AllowanceKind.EnergyMillijoules))
        {
            string unit = allowance.Period == AllowancePeriod.Minute ? "mJ a minute" : "mJ an episode";
            yield return WordsOf(source, board, allowance.Amount, unit,
                StreamSettings.Of(AllowanceKind.DeviceMs, allowance.Period).ShortKey);
        }
    }

    private static string WordsOf(SourceConfig source, BoardReading board, double amount, string unit, string instead) =>
        string.Create(CultureInfo.InvariantCulture, $"source {source.Name}: the budget of {amount:0.###} {unit} cannot be held, because "
            + $"nothing measures this machine's power: {board.PowerReason}. Use a budget in device time ({instead}) instead, or make a "
            + $"sensor readable; 'edgerouted doctor' lists them");
}
