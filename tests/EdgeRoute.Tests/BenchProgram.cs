using EdgeRoute.Tests.Capture;

namespace EdgeRoute.Tests;

/// <summary>What the test assembly does when a virtual machine of the hardware bench runs it as a program. The test runner never comes here.</summary>
public static class BenchProgram
{
    public static int Main(string[] arguments)
    {
        if (arguments is not ["v4l2-unplug"])
        {
            Console.Error.WriteLine("Run the tests with 'dotnet test'. As a program this assembly serves the hardware bench only: v4l2-unplug");
            return 2;
        }

        return V4l2Bench.Unplug();
    }
}
