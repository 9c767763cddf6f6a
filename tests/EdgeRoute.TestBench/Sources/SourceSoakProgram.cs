using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeRoute.TestBench.Sources;

/// <summary>Runs the soak of sources, and says what it came to.</summary>
internal static class SourceSoakProgram
{
    private const int UsualCount = 1000;

    public static int Run(string repository, string[] arguments)
    {
        int count = UsualCount;
        if (arguments.Length > 1 || (arguments.Length == 1
            && !(int.TryParse(arguments[0], CultureInfo.InvariantCulture, out count) && count > 0)))
        {
            Console.Error.WriteLine("usage: sources REPOSITORY [COUNT]   (1000 rounds)");
            return 2;
        }

        string folder = Directory.CreateTempSubdirectory("edgeroute-sources-").FullName;
        try
        {
            string library = Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native",
                "libonnxruntime.so");
            var clock = Stopwatch.StartNew();
            var figures = SourceSoak.Run(Path.GetFullPath(repository), library, folder, count, i => Tell(i, count, clock)).GetAwaiter()
                .GetResult();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} rounds in {clock.Elapsed.TotalSeconds:0} s; "
                + $"{figures.FrameCount} frames of the source that stayed, {figures.GapCount} gaps, {figures.DroppedCount} dropped, "
                + $"law kept: {figures.IsLawKept}; {figures.GuestFrameCount} frames of the other; {figures.FailedCount} failed\n"
                + $"after the first rounds {figures.Settled}\nat the end             {figures.After}"));
            return figures is { GapCount: 0, IsLawKept: true, DroppedCount: 0, FailedCount: 0 } ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Tell(int round, int count, Stopwatch clock)
    {
        if (round % 50 == 0)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"round {round} of {count} after {clock.Elapsed.TotalSeconds:0} s"));
        }
    }
}
