namespace EdgeRoute.Tests.Core.Prices;

/// <summary>Device time of one frame at a price: a gain-cost curve with its noise. Content and clocks may change under way.</summary>
/// <param name="Name">Names the curve in tables.</param>
/// <param name="Cost">Price, difficulty of the content and randomness to milliseconds and whether the heaviest option was taken.</param>
/// <param name="StepMs">Where all frames are equal: how far apart two operating points are, between which only whole frames can be shared
/// out; else 0.</param>
internal sealed record SimulatedPlant(string Name, double StepMs, Func<double, double, Random, (double Ms, bool WasHeavy)> Cost)
{
    /// <summary>
    /// Continuous curves of three elasticities, one with three options and equal frames (the mean is met by time-sharing only), and
    /// mixtures of frames.
    /// </summary>
    public static IReadOnlyList<SimulatedPlant> All { get; } =
    [
        Smooth("smooth, elasticity 0.5", 0.5), Smooth("smooth, elasticity 1", 1), Smooth("smooth, elasticity 3", 3),
        Options("3 options, equal frames", Three, 0), Options("3 options, mixed frames", Three, 0.8),
        Options("2 options, equal frames", Two, 0), Options("2 options, mixed frames", Two, 0.8), Options("8 options, mixed frames",
            Eight, 0.5),
    ];

    private static (double Ms, double Gain)[] Two => [(5, 0), (40, 0.2)];

    private static (double Ms, double Gain)[] Three => [(5, 0), (15, 0.1), (40, 0.2)];

    private static (double Ms, double Gain)[] Eight =>
        [.. Enumerable.Range(0, 8).Select(i => (4 + (5.0 * i), 0.3 * (1 - Math.Exp(-i / 3.0))))];

    public static SimulatedPlant Named(string name) => All.Single(p => p.Name == name);

    private static SimulatedPlant Smooth(string name, double elasticity) => new(name, 0, (price, difficulty, random) =>
        (((40 * difficulty / (1 + Math.Pow(price / 0.01, elasticity))) + 2) * (1 + (0.05 * Normal(random))), false));

    /// <summary>Each frame takes argmax of gain minus price times cost; its difficulty stretches what the costlier options gain.</summary>
    private static SimulatedPlant Options(string name, (double Ms, double Gain)[] options, double mixture) => new(name,
        mixture > 0 ? 0 : options[^1].Ms - options[^2].Ms, (price, difficulty, random) =>
    {
        double stretch = difficulty * Math.Exp(mixture * Normal(random));
        var best = options.MaxBy(o => (o.Gain * stretch) - (price * o.Ms));
        return (best.Ms * (1 + (0.03 * Normal(random))), best.Ms == options[^1].Ms);
    });

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
        * Math.Cos(2 * Math.PI * random.NextDouble());
}
