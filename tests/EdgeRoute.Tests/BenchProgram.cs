using EdgeRoute.Tests.Capture;
using EdgeRoute.Tests.Cli;

namespace EdgeRoute.Tests;

/// <summary>What the test assembly does when it is run as a program: by a virtual machine of the hardware bench, or by someone
/// who wants a device to look at. The test runner never comes here.</summary>
public static class BenchProgram
{
    public static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["v4l2-unplug"]:
                return V4l2Bench.Unplug();
            case ["scripted-device", var socketPath]:
                return ScriptedRobot.RunAsync(socketPath).GetAwaiter().GetResult();
            default:
                Console.Error.WriteLine(
                    "Run the tests with 'dotnet test'. As a program this assembly serves the hardware bench (v4l2-unplug), and a robot to look at (scripted-device SOCKET)");
                return 2;
        }
    }
}
