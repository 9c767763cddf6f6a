using System.Globalization;

namespace EdgeRoute.Simulation.Boards;

/// <summary>What goes wrong on a simulated board. Each holds until another line of the same kind says otherwise.</summary>
public enum BoardEventKind
{
    /// <summary>The fan's part of the cooling, 1 for all of it: 0 is a fan that is stuck.</summary>
    Fan,

    /// <summary>1: power can be read; 0: its sensor is gone.</summary>
    PowerSensor,

    /// <summary>1: temperatures can be read; 0: their sensors are gone.</summary>
    HeatSensor,

    /// <summary>Degrees more around the board.</summary>
    Ambient,

    /// <summary>Share of the stages' time that other programs take.</summary>
    Contention,

    /// <summary>Seconds for which the supply is too weak and the clocks are halved.</summary>
    BrownOut,
}

/// <summary>One line of a scenario.</summary>
/// <param name="Seconds">Since the run began.</param>
public sealed record BoardEvent(double Seconds, BoardEventKind Kind, double Value);

/// <summary>
/// Lines such as <c>01:30:00 fan 0</c>: a time since the run began, what changes, and to what. Empty lines and those that begin with # say
/// nothing.
/// </summary>
/// <param name="Events">In order of time.</param>
public sealed record BoardScenario(IReadOnlyList<BoardEvent> Events)
{
    /// <summary>Of a file: a week of one event a minute.</summary>
    private const int EventLimit = 10_080;

    private static readonly (string Word, BoardEventKind Kind, double Least, double Most)[] Kinds =
    [
        ("fan", BoardEventKind.Fan, 0, 1), ("power_sensor", BoardEventKind.PowerSensor, 0, 1),
        ("heat_sensor", BoardEventKind.HeatSensor, 0, 1), ("ambient", BoardEventKind.Ambient, -40, 60),
        ("contention", BoardEventKind.Contention, 0, 0.95), ("brown_out", BoardEventKind.BrownOut, 0.1, 3600),
    ];

    public static BoardScenario Empty { get; } = new([]);

    /// <summary>The scenario, and null or what is wrong with which line.</summary>
    public static BoardScenario Parse(IReadOnlyList<string> lines, out string? problem)
    {
        var events = new List<BoardEvent>();
        problem = lines.Count > EventLimit ? $"there are {lines.Count} lines; at most {EventLimit} are possible" : null;
        for (int i = 0; i < lines.Count && problem is null; i++)
        {
            string line = lines[i].Trim();
            if (line.Length > 0 && line[0] != '#')
            {
                problem = Add(line, events) is { } wrong ? $"line {i + 1}: {wrong}" : null;
            }
        }

        return new BoardScenario([.. events.OrderBy(e => e.Seconds)]);
    }

    private static string? Add(string line, List<BoardEvent> events)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var kind = Array.Find(Kinds, k => words.Length > 1 && k.Word == words[1]);
        if (words.Length != 3 || kind.Word is null)
        {
            return $"'{line}' is not a time, one of {string.Join(", ", Kinds.Select(k => k.Word))}, and a number, such as 01:30:00 fan 0";
        }

        bool isTime = TimeSpan.TryParseExact(words[0], [@"h\:mm", @"h\:mm\:ss", @"hh\:mm", @"hh\:mm\:ss", @"d\.hh\:mm\:ss"],
            CultureInfo.InvariantCulture, out var time);
        bool isValue = double.TryParse(words[2], CultureInfo.InvariantCulture, out double value) && value >= kind.Least
            && value <= kind.Most;
        if (!isTime || !isValue)
        {
            return isTime ? string.Create(CultureInfo.InvariantCulture, $"'{words[2]}' is no {kind.Word}: give {kind.Least} to {kind.Most}")
                : $"'{words[0]}' is no time since the start, such as 01:30:00";
        }

        events.Add(new BoardEvent(time.TotalSeconds, kind.Kind, value));
        return null;
    }
}
