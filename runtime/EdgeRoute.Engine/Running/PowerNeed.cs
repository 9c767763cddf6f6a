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
    public static IEnumerable<string> Unmet(SourceConfig source, BoardReading board) => board.PowerSource is not null ? []
        : source.Spending.Budgets.Where(b => b.Kind is BudgetKind.Watts or BudgetKind.EnergyMillijoules)
            .Select(b => string.Create(CultureInfo.InvariantCulture,
                $"source {source.Name}: the budget of {b.Target:0.###} {b.Unit} cannot be held, because nothing measures this machine's "
                + $"power: {board.PowerReason}. Use a budget in device time (device_ms) instead, or make a sensor readable; "
                + $"'edgerouted doctor' lists them"));
}
