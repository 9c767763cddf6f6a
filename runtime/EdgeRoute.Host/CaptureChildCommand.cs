using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Host;

/// <summary><c>edgerouted capture-child</c>: an isolated source, in the process that the engine starts for it. Not for people.</summary>
internal static class CaptureChildCommand
{
    public static Command Create()
    {
        var command = new Command(CaptureChild.Verb, "Runs an isolated source for the engine that starts it.") { Hidden = true };
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        // Signals to the whole group are the engine's business: this process ends when the engine does, or when it is told to.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ignore);
        if (CaptureChild.Serve(SimulatedSources.Schemes))
        {
            return ExitCodes.Done;
        }

        Console.Error.WriteLine($"{CaptureChild.Verb} is for the engine alone: write 'isolate: true' under a source");
        return ExitCodes.WrongConfig;
    }

    private static void Ignore(PosixSignalContext context) => context.Cancel = true;
}
