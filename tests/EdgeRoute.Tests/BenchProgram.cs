using EdgeRoute.Tests.Cli.Connecting;
using EdgeRoute.Tests.Engine.Capture;
using EdgeRoute.Tests.Protocol.MessagePack;

namespace EdgeRoute.Tests;

/// <summary>
/// What the test assembly does when it is run as a program: by a virtual machine of the hardware bench, by someone who wants a device to
/// look at, or for a long fuzz. The test runner never comes here.
/// </summary>
internal static class BenchProgram
{
    public static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["v4l2-unplug"]:
                return V4l2Bench.Unplug();
            case ["scripted-device", var socketPath]:
                return ScriptedRobot.RunAsync(socketPath).GetAwaiter().GetResult();
            case ["message-fuzz", .. var rest]:
                return MessageFuzzProgram.Run(rest);
            default:
                Console.Error.WriteLine("Run the tests with 'dotnet test'. As a program this assembly knows: v4l2-unplug, scripted-device "
                    + "SOCKET, message-fuzz [MESSAGES [SEED]]");
                return 2;
        }
    }
}
