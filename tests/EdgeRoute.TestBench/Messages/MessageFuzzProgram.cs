using System.Globalization;

namespace EdgeRoute.TestBench.Messages;

/// <summary>The long fuzz of the codec as a program: <c>./build.sh soak fuzz [MESSAGES [SEED]]</c>.</summary>
internal static class MessageFuzzProgram
{
    private const long MessageCountUsual = 10_000_000;

    /// <summary>Messages between two lines of progress.</summary>
    private const long LineCount = 1_000_000;

    public static int Run(string[] arguments)
    {
        long count = arguments.Length > 0 ? long.Parse(arguments[0], CultureInfo.InvariantCulture) : MessageCountUsual;
        int seed = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : Environment.TickCount;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"fuzz: {count:N0} messages of seed {seed}; the same again with: ./build.sh soak fuzz {count} {seed}"));
        try
        {
            var report = new MessageFuzz(seed, CodecTarget.Seeds, new CodecTarget().Take).Run(count, Progress);
            Console.WriteLine($"fuzz: {report}; nothing else came out");
            return 0;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine($"fuzz: FAILED: {failure}");
            return 1;
        }
    }

    private static void Progress(MessageFuzzReport report)
    {
        if (report.MessageCount % LineCount == 0)
        {
            Console.WriteLine($"fuzz: {report}; the heap has {GC.GetTotalMemory(false):N0} bytes");
        }
    }
}
