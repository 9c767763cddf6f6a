using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Workbench.Measuring;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute pack measure</c>: what the stages of a pack take on a device that runs it.</summary>
internal static class PackMeasureCommand
{
    private const double SecondsMost = 3600;

    private static readonly Argument<string?> Stream = new("stream") { Description = "stream whose pack is measured; may be left out where "
        + "there is one", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "device time to measure; frames get as much besides",
        DefaultValueFactory = _ => 10 };
    private static readonly Option<string?> Into = new("--into") { Description = "store the cost profile in costs.json beside this pack's "
        + "manifest, which is a copy of the device's", HelpName = "PACK" };
    private static readonly Option<bool> Store = new("--store")
    {
        Description = "store the cost profile on the device, in costs.json beside the manifest that it runs; it begins with it when it "
            + "loads the pack next",
    };
    private static readonly Option<bool> Force = new("--force") { Description = "store figures of a busy machine too" };

    public static Command Create() => DeviceVerb.Create("measure", """
        Measures what every stage of a stream's pack takes on the device, with the sessions that its frames run with, in turns of about
        50 ms between frames. Frames go on meanwhile, at half the pace at least: those that a newer one replaced count as dropped, and are
        told at the end. To compare counts of threads and providers, run 'edgeroute measure' on the device itself.

        Ctrl-C ends it at once, and what was measured until then is shown and not stored; nothing stays behind on the device.

        Exit code: 0 measured; 1 a stage failed, or the figures cannot be relied on; 2 wrong input; 4 the device refused; 130 stopped.

        Examples:
          edgeroute pack measure
          edgeroute pack measure front --seconds 30 --store
          edgeroute pack measure front --into packs/night
          edgeroute pack measure front --device robot --json
        """, RunAsync, Stream, Seconds, Store, Into, Force);

    private static async Task<int> RunAsync(DeviceCall call)
    {
        double seconds = OptionRules.Within("--seconds", call.Get(Seconds), 0.1, SecondsMost);
        var measure = await MeasureAsync(call, seconds * 1000);
        var report = measure.Report();
        if (call.WantsJson)
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else
        {
            MeasureText.Show(report);
        }

        call.Console.Say(measure.FrameWords());
        call.Cancel.ThrowIfCancellationRequested();
        return await ConcludeAsync(call, measure, report);
    }

    /// <summary>Asks again and again; at Ctrl-C what was measured by then stays.</summary>
    private static async Task<DeviceMeasure> MeasureAsync(DeviceCall call, double wantedMs)
    {
        await using var client = await call.ConnectAsync();
        var measure = new DeviceMeasure();
        try
        {
            while (measure.TurnMs < wantedMs)
            {
                var request = new MeasureTurnsRequest
                {
                    Stream = call.Get(Stream) ?? "",
                    Ms = Math.Clamp(wantedMs - measure.TurnMs, MeasureTurnsRequest.MsLeast, MeasureTurnsRequest.MsUsual),
                };
                byte[] answer = await client.RequestAsync(ControlMethod.Measure, request, DeviceClient.LongTimeLimit, call.Cancel);
                measure.Add(FieldReader.Read<MeasureTurnsReply>(answer));
                call.Console.Show(string.Create(CultureInfo.InvariantCulture, $"measured {measure.TurnMs / 1000:0.0} of "
                    + $"{wantedMs / 1000:0.0} s, about {2 * Math.Max(wantedMs - measure.TurnMs, 0) / 1000:0} s left; "
                    + $"{measure.DroppedCount} of {measure.EndedCount} frames dropped meanwhile"));
            }
        }
        catch (OperationCanceledException) when (call.Cancel.IsCancellationRequested && measure.TurnMs > 0)
        {
            // What there is, is shown.
        }

        return measure;
    }

    private static async Task<int> ConcludeAsync(DeviceCall call, DeviceMeasure measure, MeasureReport report)
    {
        if (report.Faults.Count > 0)
        {
            call.Console.Say($"runs failed: {string.Join("; ", report.Faults)}");
            return WorkConsole.Failed;
        }

        foreach (string doubt in report.Doubts)
        {
            call.Console.Say("warning: " + doubt);
        }

        if (report.Doubts.Count > 0 && !call.Get(Force))
        {
            call.Console.Say("these figures cannot be relied on" + (call.Get(Into) is null && !call.Get(Store) ? ""
                : ", and are not stored; --force stores them all the same"));
            return WorkConsole.Failed;
        }

        if (call.Get(Into) is { } pack)
        {
            call.Console.Say($"wrote {measure.Store(report, pack)}; copied beside {measure.DeviceManifest} on the device, it is what the "
                + "device starts with");
        }

        if (call.Get(Store))
        {
            await using var client = await call.ConnectAsync();
            byte[] answer = await client.RequestAsync(ControlMethod.CostsPut, measure.StoreRequest(report), DeviceClient.LongTimeLimit,
                call.Cancel);
            call.Console.Say(FieldReader.Read<DoneReply>(answer).Text);
        }

        return WorkConsole.Done;
    }
}
