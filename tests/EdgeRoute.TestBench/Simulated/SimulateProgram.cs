using System.Diagnostics;
using System.Globalization;

namespace EdgeRoute.TestBench.Simulated;

/// <summary>Runs simulations of many seeds, as many at once as there are cores, and says which seed broke which law when.</summary>
internal static class SimulateProgram
{
    private const string Usage = "usage: simulate MANIFEST [--hours H] [--seed N] [--seeds K]   (24 hours, seed 1, 100 seeds)";

    public static int Run(string manifest, string[] arguments)
    {
        double hours = 24;
        int first = 1, count = 100;
        for (int i = 0; i < arguments.Length; i += 2)
        {
            bool isKnown = i + 1 < arguments.Length && arguments[i] switch
            {
                "--hours" => double.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out hours) && hours > 0,
                "--seed" => int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out first),
                "--seeds" => int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out count) && count > 0,
                _ => false,
            };
            if (!isKnown)
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }
        }

        var clock = Stopwatch.StartNew();
        int done = 0, broken = 0;
        var cores = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(first, first + count, cores, seed =>
        {
            string words = Simulate(seed, manifest, TimeSpan.FromHours(hours), ref broken);
            int now = Interlocked.Increment(ref done);
            var left = TimeSpan.FromSeconds(clock.Elapsed.TotalSeconds / now * (count - now));
            Console.WriteLine($"{words} [{now} of {count}, {left:h\\:mm\\:ss} left]");
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count} seeds of {hours:0.##} simulated hours in {clock.Elapsed.TotalSeconds:0} s: ")
            + $"{count - broken} held every law, {broken} did not");
        return broken == 0 ? 0 : 1;
    }

    private static string Simulate(int seed, string manifest, TimeSpan duration, ref int broken)
    {
        string folder = Directory.CreateTempSubdirectory("simulated").FullName;
        using var simulation = new DeviceSimulation(seed, manifest, folder);
        try
        {
            return simulation.Run(duration).ToString();
        }
#pragma warning disable CA1031 // Whatever comes out of a simulated device is a finding.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref broken);
            return string.Create(CultureInfo.InvariantCulture, $"seed {seed} BROKE at {simulation.Elapsed:d\\.hh\\:mm\\:ss\\.fff}: ")
                + (fault is BrokenLawException ? fault.Message : fault.ToString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
