using SharpFuzz;

namespace EdgeRoute.TestBench.Fuzzing;

/// <summary>The end of a coverage-guided fuzzer that takes the inputs; <c>fuzz.sh</c> is the other one.</summary>
internal static class FuzzProgram
{
    /// <summary>Names of the targets, one a line.</summary>
    public static int Names()
    {
        foreach (var target in FuzzTarget.All)
        {
            Console.WriteLine(target.Name);
        }

        return 0;
    }

    public static int Seeds(string name, string folder)
    {
        Of(name).WriteSeeds(folder);
        return 0;
    }

    /// <summary>Takes inputs from a fuzzer that watches over this process; without one, one input from standard input.</summary>
    public static int Take(string name)
    {
        var target = Of(name);
        string folder = Directory.CreateTempSubdirectory("fuzz").FullName;
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            target.Take(bytes.ToArray(), folder);
        });
        return 0;
    }

    /// <summary>Reads files one by one, without a fuzzer: crashes that were found, to see whether they are mended.</summary>
    public static int Replay(string name, IEnumerable<string> files)
    {
        var target = Of(name);
        string folder = Directory.CreateTempSubdirectory("fuzz").FullName;
        int broken = 0;
        foreach (string file in files)
        {
            try
            {
                target.Take(File.ReadAllBytes(file), folder);
            }
#pragma warning disable CA1031 // Whatever comes out is what is looked for.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                broken++;
                Console.Error.WriteLine($"{file}: {fault}");
            }
        }

        return broken == 0 ? 0 : 1;
    }

    private static FuzzTarget Of(string name) => FuzzTarget.All.FirstOrDefault(t => t.Name == name)
        ?? throw new ArgumentException($"there is no target '{name}'; there are {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}");
}
