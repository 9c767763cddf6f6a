using System.Globalization;

namespace EdgeRoute.Simulation.Boards;

/// <summary>A simulated board as it is asked for: <c>sim:orin-nano-15w?ambient=45&amp;sun=15&amp;scenario=day.txt</c>.</summary>
/// <param name="Ambient">Around the board at midnight, in degrees.</param>
/// <param name="Sun">By how much it is warmer at noon.</param>
/// <param name="CostFactor">What a run takes at the highest clocks, as a multiple of what the pack measured.</param>
/// <param name="SinkDegreesPerWatt">In place of the profile's heat sink; null for that one.</param>
/// <param name="StartHour">Of the day.</param>
public sealed record BoardAddress(BoardProfile Profile, double Ambient, double Sun, double CostFactor, double? SinkDegreesPerWatt,
    double StartHour, ulong Seed, BoardScenario Scenario)
{
    public const string Prefix = "sim:";

    /// <summary>For helps and complaints.</summary>
    public static string Names => string.Join(", ", BoardProfile.All.Select(p => p.Name));

    /// <summary>The board, or null with what is wrong, what is possible and an example.</summary>
    public static BoardAddress? Parse(string text, out string problem)
    {
        string[] parts = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..].Split('?', 2) : [];
        var profile = BoardProfile.All.FirstOrDefault(p => parts.Length > 0 && p.Name == parts[0]);
        if (profile is null)
        {
            problem = $"there is no board '{text}'; write sim: and one of {Names}, such as sim:orin-nano-15w?ambient=45";
            return null;
        }

        var read = new Reader();
        var address = new BoardAddress(profile, 25, 0, 1, null, 0, 1, BoardScenario.Empty);
        foreach (string pair in parts.Length > 1 ? parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            address = read.Apply(address, pair);
        }

        problem = read.Problem ?? "";
        return problem.Length == 0 ? address : null;
    }

    private sealed class Reader
    {
        public string? Problem { get; private set; }

        public BoardAddress Apply(BoardAddress board, string pair)
        {
            string[] parts = pair.Split('=', 2);
            string text = parts.Length > 1 ? parts[1] : "";
            switch (parts[0])
            {
                case "ambient": return board with { Ambient = Number(pair, text, -40, 85, "C") };
                case "sun": return board with { Sun = Number(pair, text, 0, 60, "C") };
                case "cost": return board with { CostFactor = Number(pair, text, 0.01, 1000, "times what the pack measured") };
                case "sink": return board with { SinkDegreesPerWatt = Number(pair, text, 0.05, 50, "C/W") };
                case "hour": return board with { StartHour = Number(pair, text, 0, 24, "h") };
                case "seed": return board with { Seed = (ulong)Number(pair, text, 0, 1e9, "") };
                case "scenario": return board with { Scenario = Scenario(text) };
                default:
                    Problem ??= $"a simulated board has no '{parts[0]}'; it has ambient, sun, cost, sink, hour, seed and scenario";
                    return board;
            }
        }

        private double Number(string pair, string text, double least, double most, string unit)
        {
            bool isNumber = double.TryParse(text, CultureInfo.InvariantCulture, out double value);
            Problem ??= isNumber && value >= least && value <= most ? null
                : string.Create(CultureInfo.InvariantCulture, $"'{pair}': give a number from {least} to {most} {unit}");
            return value;
        }

        private BoardScenario Scenario(string path)
        {
            try
            {
                var scenario = BoardScenario.Parse(File.ReadAllLines(path), out string? problem);
                Problem ??= problem is null ? null : $"'{path}', {problem}";
                return scenario;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
            {
                Problem ??= $"the scenario '{path}' cannot be read: {fault.Message}";
                return BoardScenario.Empty;
            }
        }
    }
}
