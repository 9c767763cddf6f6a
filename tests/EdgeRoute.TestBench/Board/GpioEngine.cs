using System.Globalization;
using System.Runtime.InteropServices;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Doctor;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.TestBench.Board;

/// <summary>
/// Runs inside the bench: the real engine of a device config on the kernel's simulated GPIO chip. Says what it reports; on SIGHUP how its
/// lines stand and what the doctor finds of them, and on SIGTERM it ends.
/// </summary>
internal static class GpioEngine
{
    public static int Run(string config)
    {
        var reading = DeviceConfigReader.ReadFile(config);
        if (reading.Config is null)
        {
            Console.WriteLine(string.Join('\n', reading.Problems));
            return 2;
        }

        var options = new EngineOptions(long.MaxValue, null, null, SimulatedSources.Schemes);
        using var engine = new EngineBuilder(reading.Config, options, (_, text) => Say(text)).Build();
        using var ending = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            engine.Stop();
        });
        using var telling = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Tell(engine, reading.Config.Gpio);
        });
        engine.Run(long.MaxValue);
        Say("ENDED");
        return 0;
    }

    private static void Tell(RunningEngine engine, GpioConfig config)
    {
        foreach (var line in engine.Lines.Statuses())
        {
            Say(string.Create(CultureInfo.InvariantCulture, $"LINE {line.Name} {line.Level} {line.EdgeCount} changes {line.LostCount} "
                + $"lost {line.FaultCount} faults, us {line.LatencyUsP50:0} {line.LatencyUsP99:0} {line.LatencyUsMax:0}"));
        }

        var found = GpioReport.Read(new SystemFiles(), config.Lines);
        found.Lines.ToList().ForEach(l => Say($"DOCTOR {l.Name} {l.State} {l.IsUsable}: {l.Detail}"));
        Say($"TOLD {string.Join(',', found.Chips.SelectMany(c => c.Lines).Select(l => $"{l.Name}={l.State}"))}");
    }

    /// <summary>At once: whoever waits for a word reads the file that this goes into.</summary>
    private static void Say(string text)
    {
        Console.Out.WriteLine(text);
        Console.Out.Flush();
    }
}
