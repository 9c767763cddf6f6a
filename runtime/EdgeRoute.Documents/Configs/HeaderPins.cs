namespace EdgeRoute.Documents.Configs;

/// <summary>
/// The 40-pin headers of boards: which GPIO line is at which pin, by the name that the board's kernel gives it. From NVIDIA's pin table of
/// Jetson.GPIO (Orin Nano and Orin NX on the developer kit's carrier) and the Raspberry Pi's own header. Pins that are left out are power,
/// ground, or no GPIO.
/// </summary>
internal static class HeaderPins
{
    /// <summary>Names as a config writes them.</summary>
    public const string JetsonOrinNano = "jetson_orin_nano", RaspberryPi = "raspberry_pi";

    private static readonly (int Pin, string Line)[] OrinNano =
    [
        (7, "PAC.06"), (11, "PR.04"), (12, "PH.07"), (13, "PY.00"), (15, "PN.01"), (16, "PY.04"), (18, "PY.03"), (19, "PZ.05"),
        (21, "PZ.04"), (22, "PY.01"), (23, "PZ.03"), (24, "PZ.06"), (26, "PZ.07"), (29, "PQ.05"), (31, "PQ.06"), (32, "PG.06"),
        (33, "PH.00"), (35, "PI.02"), (36, "PR.05"), (37, "PY.02"), (38, "PI.01"), (40, "PI.00"),
    ];

    private static readonly (int Pin, string Line)[] Raspberry =
    [
        (3, "GPIO2"), (5, "GPIO3"), (7, "GPIO4"), (8, "GPIO14"), (10, "GPIO15"), (11, "GPIO17"), (12, "GPIO18"), (13, "GPIO27"),
        (15, "GPIO22"), (16, "GPIO23"), (18, "GPIO24"), (19, "GPIO10"), (21, "GPIO9"), (22, "GPIO25"), (23, "GPIO11"), (24, "GPIO8"),
        (26, "GPIO7"), (29, "GPIO5"), (31, "GPIO6"), (32, "GPIO12"), (33, "GPIO13"), (35, "GPIO19"), (36, "GPIO16"), (37, "GPIO26"),
        (38, "GPIO20"), (40, "GPIO21"),
    ];

    public static IReadOnlyList<string> Boards { get; } = [JetsonOrinNano, RaspberryPi];

    /// <summary>The name of the line at a pin; null where the pin has none.</summary>
    /// <param name="board">One of <see cref="Boards"/>.</param>
    public static string? LineAt(string board, int pin) => Array.Find(Of(board), p => p.Pin == pin).Line;

    /// <summary>Pins that have a line.</summary>
    public static IEnumerable<int> PinsOf(string board) => Of(board).Select(p => p.Pin);

    private static (int Pin, string Line)[] Of(string board) => board == JetsonOrinNano ? OrinNano : Raspberry;
}
