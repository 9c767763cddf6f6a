namespace EdgeRoute.Simulation.Boards;

/// <summary>What a simulated board is like. Figures are those its maker publishes where there are any; the rest are round ones.</summary>
/// <param name="Name">In <c>sim:NAME</c>.</param>
/// <param name="Model">As the board's device tree names it.</param>
/// <param name="IdleWatts">Of the module, with nothing to do.</param>
/// <param name="BusyWatts">What stages add while they run, at the mode's clocks.</param>
/// <param name="Megahertz">Of what runs the stages, in this mode, and the highest that any mode of the module has.</param>
/// <param name="DegreesPerWatt">Of the heat sink above its surroundings, with its fan.</param>
/// <param name="SinkSeconds">Its time constant.</param>
/// <param name="DieDegreesPerWatt">Of the die above the heat sink.</param>
/// <param name="TripCelsius">From which the clocks are taken down.</param>
/// <param name="CriticalCelsius">At which the board switches itself off.</param>
/// <param name="Sensors">How its kernel shows power, heat and clocks.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record BoardProfile(string Name, string Model, double IdleWatts, double BusyWatts, BoardClocks Megahertz,
    double DegreesPerWatt, double SinkSeconds, double DieDegreesPerWatt, double TripCelsius, double CriticalCelsius,
    BoardSensorKind Sensors, string Source)
{
    private const string Guide = "NVIDIA Jetson Linux Developer Guide, Orin series: caps of the power modes";

    /// <summary>Passive 95 and critical 104.5 C of the cpu-thermal zone in the kernel's tegra234-p3767.dtsi.</summary>
    private const double OrinTrip = 95, OrinCritical = 104.5;

    public static IReadOnlyList<BoardProfile> All { get; } =
    [
        Orin("orin-nano-7w", Nano, 3.2, 3.3, new(408, 1020), 3.0, Guide),
        Orin("orin-nano-15w", Nano, 3.8, 8.5, new(624.75, 1020), 3.0, Guide),
        Orin("orin-nano-25w", Nano, 4.2, 13, new(918, 1020), 2.6, Guide),
        Orin("orin-nano-maxn", Nano, 4.4, 16, new(1020, 1020), 2.6, Guide),
        // 29 W kept up for 45 minutes came to 92 C at the die on a carrier with a fan: 2.3 C/W from about 25 C.
        Orin("orin-nx", "NVIDIA Jetson Orin NX Engineering Reference Developer Kit", 5, 24, new(1173, 1173), 2.1,
            Guide + "; a 45 minute soak in its maximum mode: 29.0 W, 92 C, not throttled"),
        Orin("agx", "NVIDIA Jetson AGX Orin Developer Kit", 9, 41, new(1300.5, 1300.5), 1.1, Guide) with { SinkSeconds = 300 },
        new("pi5", "Raspberry Pi 5 Model B", 2.7, 5.3, new(2400, 2400), 5.5, 150, 1.5, 80, 110, BoardSensorKind.RaspberryPi,
            "Raspberry Pi documentation: frequency management and thermal control (clocks fall from 80 C, further at 85 C)"),
        new("desktop", "desktop", 45, 90, new(4500, 4500), 0.35, 90, 0.15, 95, 105, BoardSensorKind.Pc,
            "a processor of 125 W with a tower cooler: round figures"),
    ];

    private const string Nano = "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit";

    private static BoardProfile Orin(string name, string model, double idle, double busy, BoardClocks clocks, double degreesPerWatt,
        string source) => new(name, model, idle, busy, clocks, degreesPerWatt, 180, 0.35, OrinTrip, OrinCritical, BoardSensorKind.Jetson,
            source);
}

/// <summary>Clocks of what runs the stages.</summary>
/// <param name="Mode">The power mode's cap.</param>
/// <param name="Highest">Of any mode: costs that a pack was measured with on this module are taken to be of this clock.</param>
public sealed record BoardClocks(double Mode, double Highest)
{
    /// <summary>How much longer a run takes in this mode.</summary>
    public double CostFactor => Highest / Mode;
}

/// <summary>How a board's kernel shows what it measures.</summary>
public enum BoardSensorKind
{
    /// <summary>A power monitor with rails, zones, a GPU's clock and load, and counters of throttling.</summary>
    Jetson,

    /// <summary>A zone and the processor's clock; nothing measures power.</summary>
    RaspberryPi,

    /// <summary>A zone, the processor's clock and its energy counter.</summary>
    Pc,
}
