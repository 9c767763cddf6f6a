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
        if (board.PowerSource is not null)
        {
            yield break;
        }

        foreach (var budget in source.Spending.Budgets.Where(b => b.Kind is BudgetKind.Watts or BudgetKind.EnergyMillijoules))
        {
            yield return WordsOf(source, board, budget.Target, budget.Unit, "device_ms");
        }

        foreach (var allowance in source.Spending.PerMinute.Where(a => a.Kind == AllowanceKind.EnergyMillijoules))
        {
            yield return WordsOf(source, board, allowance.Amount, "mJ a minute", "device_ms_per_minute");
        }
    }

    private static string WordsOf(SourceConfig source, BoardReading board, double amount, string unit, string instead) =>
        string.Create(CultureInfo.InvariantCulture, $"source {source.Name}: the budget of {amount:0.###} {unit} cannot be held, because "
            + $"nothing measures this machine's power: {board.PowerReason}. Use a budget in device time ({instead}) instead, or make a "
            + $"sensor readable; 'edgerouted doctor' lists them");
}
