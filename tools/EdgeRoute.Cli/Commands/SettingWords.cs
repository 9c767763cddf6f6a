using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary>
/// Settings as people write them: <c>KEY=VALUE</c>, where a value may carry its unit (6ms, 12.5W, 97%) and <c>none</c> takes the setting
/// away.
/// </summary>
internal static class SettingWords
{
    /// <summary>Units that a figure may carry, and what one of them is in the unit of the protocol.</summary>
    private static readonly Dictionary<string, double> Milliseconds = new() { ["ms"] = 1, ["s"] = 1000 };
    private static readonly Dictionary<string, double> Share = new() { ["%"] = 0.01 };
    private static readonly Dictionary<string, double> Rate = new() { ["fps"] = 1, ["Hz"] = 1, ["/s"] = 1 };
    private static readonly Dictionary<string, double> Power = new() { ["W"] = 1, ["mW"] = 0.001 };
    private static readonly Dictionary<string, double> Energy = new() { ["mJ"] = 1, ["J"] = 1000 };
    private static readonly Dictionary<string, double> Bare = [];

    private static readonly Dictionary<string, (Dictionary<string, double>? Units, Action<SettingSet, SettingValue> Put)> Keys = new(
        StringComparer.Ordinal)
    {
        ["price"] = (Bare, (s, v) => s.Price = v),
        ["floor"] = (Share, (s, v) => s.Floor = v),
        ["policy"] = (null, (s, v) => s.Policy = v),
        ["lock"] = (null, (s, v) => s.Lock = v),
        ["deadline_ms"] = (Milliseconds, (s, v) => s.DeadlineMs = v),
        ["instruction"] = (null, (s, v) => s.Instruction = v),
        ["audit_share"] = (Share, (s, v) => s.AuditShare = v),
        ["pack"] = (null, (s, v) => s.Pack = v),
        ["latency_ms"] = (Milliseconds, (s, v) => s.LatencyMs = v),
        ["latency_p99_ms"] = (Milliseconds, (s, v) => s.LatencyMsP99 = v),
        ["device_ms"] = (Milliseconds, (s, v) => s.DeviceMs = v),
        ["frames_per_second"] = (Rate, (s, v) => s.FramesPerSecond = v),
        ["heavy_share"] = (Share, (s, v) => s.HeavyShare = v),
        ["watts"] = (Power, (s, v) => s.Watts = v),
        ["energy_mj"] = (Energy, (s, v) => s.EnergyMillijoules = v),
        ["device_ms_per_minute"] = (Milliseconds, (s, v) => s.DeviceMsPerMinute = v),
    };

    /// <summary>Those that a device config has under <c>budget</c>.</summary>
    public static IReadOnlyList<string> BudgetKeys { get; } =
        ["latency_ms", "latency_p99_ms", "device_ms", "frames_per_second", "heavy_share", "watts", "energy_mj", "device_ms_per_minute"];

    public static IEnumerable<string> AllKeys => Keys.Keys;

    /// <exception cref="ArgumentException">A key is unknown, there twice, or its value is not what it takes.</exception>
    public static SettingSet Read(IEnumerable<string> words)
    {
        var (set, seen) = (new SettingSet(), new HashSet<string>());
        foreach (string word in words)
        {
            string[] parts = word.Split('=', 2);
            string key = parts[0].StartsWith("budget.", StringComparison.Ordinal) ? parts[0]["budget.".Length..] : parts[0];
            if (!Keys.TryGetValue(key, out var known))
            {
                throw new ArgumentException($"there is no setting '{parts[0]}'{Nearest(key)}; settings are {string.Join(", ", Keys.Keys)}");
            }

            known.Put(set, seen.Add(key) ? Value(key, parts[1], known.Units) : throw new ArgumentException($"'{key}' is given twice"));
        }

        return set;
    }

    /// <summary>One value of a setting that is named by its command.</summary>
    public static SettingSet ReadOne(string key, string value) => Read([$"{key}={value}"]);

    private static SettingValue Value(string key, string text, Dictionary<string, double>? units)
    {
        if (text is "none")
        {
            return SettingValue.None;
        }

        if (text.Length == 0)
        {
            throw new ArgumentException($"'{key}=' has no value; write '{key}=none' to take the setting away");
        }

        if (units is null)
        {
            return SettingValue.Of(text);
        }

        return SettingValue.Of(Number(key, text, units));
    }

    private static double Number(string key, string text, Dictionary<string, double> units)
    {
        var unit = units.OrderByDescending(u => u.Key.Length).FirstOrDefault(u => text.EndsWith(u.Key, StringComparison.Ordinal));
        string figure = unit.Key is null ? text : text[..^unit.Key.Length].TrimEnd();
        if (double.TryParse(figure, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
        {
            // Through decimals, so that 97 % is 0.97 and not 0.9700000000000001.
            return unit.Key is null ? number : Math.Round(number * unit.Value, 12);
        }

        string known = units.Count == 0 ? "" : $", if you like in {string.Join(" or ", units.Keys)}";
        throw new ArgumentException($"'{text}' is no value for '{key}'; write a number{known}, or none");
    }

    private static string Nearest(string key) => NearestName.Find(key, Keys.Keys) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
}
