using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute record</c>: recordings on the device.</summary>
internal static class RecordCommand
{
    private static readonly Argument<string?> OptionalName = new("name") { Description = "file name without folder; default: device and "
        + "time", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string?> StopName = new("name") { Description = "the recording; may be left out where only one is "
        + "open", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Frames = new("--frames")
    {
        Description = "also the pictures: none, jpeg or raw", DefaultValueFactory = _ => "none", HelpName = "KIND",
    };

    private static readonly Option<string?> For = new("--for") { Description = "end by itself after so long, such as 90s, 5m or 1h",
        HelpName = "TIME" };

    public static Command Create()
    {
        Frames.AcceptOnlyFromAmong("none", "jpeg", "raw");
        return DeviceVerb.Group("record", """
            Records what the device decides, and if wanted the pictures, into files on the device; 'edgeroute replay' and 'explain' read
            them.

            Examples:
              edgeroute record start --for 5m
              edgeroute record start monday --frames jpeg
              edgeroute record stop
              edgeroute record list
            """,
            DeviceVerb.Create("start", """
                Begins a recording in the device's state folder.

                Examples:
                  edgeroute record start --for 5m
                  edgeroute record start monday --frames jpeg
                """, StartAsync, OptionalName, Frames, For),
            DeviceVerb.Create("stop", """
                Ends a recording and closes its file.

                Examples:
                  edgeroute record stop
                  edgeroute record stop monday
                """, call => call.ShowAsync<RecordingStatus>(ControlMethod.RecordStop, new NamedRequest { Name = call.Get(StopName) ?? "" },
                    r => Show([r])), StopName),
            DeviceVerb.Create("list", """
                Lists the recordings of the device, open ones and others.

                Examples:
                  edgeroute record list
                """, call => call.ShowAsync<RecordingList>(ControlMethod.Recordings, null, list => Show(list.Recordings))));
    }

    private static Task<int> StartAsync(DeviceCall call)
    {
        double seconds = call.Get(For) is { } text ? DurationText.Seconds(text) : 0;
        var request = new RecordStartRequest { Name = call.Get(OptionalName) ?? "", Frames = call.Get(Frames)!, Seconds = seconds };
        return call.ShowAsync<RecordingStatus>(ControlMethod.RecordStart, request, r => Show([r]));
    }

    private static void Show(IEnumerable<RecordingStatus> recordings)
    {
        var table = new TextTable("recording", "state", ">size", ">traces", ">frames", ">lost", "ends in", "file");
        foreach (var r in recordings)
        {
            // What lies in the folder from before was not counted.
            string Counted(long count) => r.IsOpen || r.TraceCount > 0 ? $"{count}" : "-";
            table.Add(r.Name, r.IsOpen ? "open" : "closed", FigureText.Bytes(r.FileBytes), Counted(r.TraceCount), Counted(r.FrameCount),
                Counted(r.TraceLostCount + r.FrameLostCount), EndText(r), r.Path);
        }

        table.Show("the device has no recordings");
    }

    private static string EndText(RecordingStatus recording)
    {
        if (!recording.IsOpen)
        {
            return "";
        }

        return recording.SecondsLeft is { } left ? FigureText.Duration(left) : "when stopped";
    }
}
