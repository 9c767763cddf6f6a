using EdgeRoute.Engine.Capture;
using EdgeRoute.TestBench.Board;
using EdgeRoute.TestBench.Capture;
using EdgeRoute.TestBench.Fuzzing;
using EdgeRoute.TestBench.Messages;
using EdgeRoute.TestBench.Robots;
using EdgeRoute.TestBench.Simulated;
using EdgeRoute.TestBench.Sources;
using EdgeRoute.TestBench.Verdicts;

namespace EdgeRoute.TestBench;

/// <summary>
/// What stands beside the tests as a program: for a virtual machine of the hardware bench, for someone who wants a device to look at, or
/// for a long fuzz.
/// </summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["v4l2-unplug"]:
                return V4l2Bench.Unplug();
            case ["gpio-lines", var simulation]:
                return GpioBench.Lines(simulation);
            case ["gpio-engine", var config]:
                return GpioEngine.Run(config);
            case ["scripted-device", var socketPath]:
                return ScriptedRobot.RunAsync(socketPath).GetAwaiter().GetResult();
            case [CaptureChild.Verb]:
                return CaptureChild.Serve(new Dictionary<string, SourceMaker>()) ? 0 : 2;
            case ["hostile-child", var kind]:
                return HostileChild.Run(kind);
            case ["message-fuzz", .. var rest]:
                return MessageFuzzProgram.Run(rest);
            case ["simulate", var manifest, .. var rest]:
                return SimulateProgram.Run(manifest, rest);
            case ["sources", var repository, .. var rest]:
                return SourceSoakProgram.Run(repository, rest);
            case ["verdicts", var repository, .. var rest]:
                return VerdictProgram.Run(repository, rest);
            case ["fuzz-targets"]:
                return FuzzProgram.Names();
            case ["fuzz-seeds", var target, var folder]:
                return FuzzProgram.Seeds(target, folder);
            case ["fuzz-take", var target]:
                return FuzzProgram.Take(target);
            case ["fuzz-replay", var target, .. var files]:
                return FuzzProgram.Replay(target, files);
            default:
                Console.Error.WriteLine("usage: EdgeRoute.TestBench v4l2-unplug | gpio-lines CHIP | gpio-engine CONFIG | "
                    + "scripted-device SOCKET | capture-child | hostile-child KIND | message-fuzz [MESSAGES [SEED]] | "
                    + "simulate MANIFEST [--hours H] [--seed N] [--seeds K] | sources REPOSITORY [COUNT] | "
                    + "verdicts REPOSITORY [COUNT [SEED]] | "
                    + "fuzz-targets | fuzz-seeds TARGET FOLDER | fuzz-take TARGET | fuzz-replay TARGET FILE...");
                return 2;
        }
    }
}
