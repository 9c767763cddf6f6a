using System.Globalization;

namespace EdgeRoute.TestBench.Verdicts;

/// <summary>Many of them as a program: <c>./build.sh soak verdicts [COUNT [SEED]]</c>.</summary>
internal static class VerdictProgram
{
    private const int CountUsual = 10_000;

    /// <summary>Documents between two lines of progress.</summary>
    private const int LineCount = 500;

    public static int Run(string repository, string[] arguments)
    {
        int count = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : CountUsual;
        int first = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1;
        string folder = Directory.CreateTempSubdirectory("edgeroute-verdicts-").FullName;
        int accepted = 0, unread = 0, differing = 0;
        try
        {
            var fuzz = new VerdictFuzz(repository, folder, null);
            for (int seed = first; seed < first + count; seed++)
            {
                var tried = fuzz.Try(seed);
                accepted += tried.Start is { IsAccepted: true } ? 1 : 0;
                unread += tried.Start is null ? 1 : 0;
                if (!tried.Agree)
                {
                    differing++;
                    Console.Error.WriteLine($"verdicts: DIFFER: {tried}");
                }

                if ((seed - first + 1) % LineCount == 0)
                {
                    Console.WriteLine($"verdicts: {seed - first + 1} of {count} documents, {differing} judged otherwise");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Console.WriteLine($"verdicts: {count} documents from seed {first}: {accepted} accepted, {unread} with a config that cannot be "
            + $"read, {differing} judged otherwise by check and start");
        return differing == 0 ? 0 : 1;
    }
}
