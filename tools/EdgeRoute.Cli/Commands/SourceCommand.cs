using System.CommandLine;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute source</c>: the cameras and files that frames come from.</summary>
internal static class SourceCommand
{
    private static readonly Argument<string> Name = new("name")
    {
        Description = "the source's name, as under 'sources' in a device config",
    };

    private static readonly Argument<string?> Stream = StreamArguments.OptionalStream();

    private static readonly Argument<string[]> AddWords = Words("[ADDRESS] [KEY=VALUE...]", "a file, folder, address or GStreamer pipeline "
        + "(with '!'), and keys as under a source in a device config; dots lead into groups, and values are YAML");

    private static readonly Argument<string[]> SetWords = Words("[ADDRESS] [KEY=VALUE...]", "another address, and keys that "
        + "change; what is not given stays");

    private static readonly Option<string?> Pack = new("--pack") { Description = "the loaded pack that its frames run through; may be left "
        + "out where the device has only one", HelpName = "PACK" };

    private static readonly Option<string?> Take = new("--take") { Description = "'newest' drops what is late, 'every' lets the source "
        + "wait; usually 'newest' for cameras", HelpName = "newest|every" };

    private static readonly Option<string?> From = new("--from") { Description = "a file of this machine with the source's keys (YAML), as "
        + "they stand below its name in a device config", HelpName = "FILE.yaml" };

    private static readonly Option<string> Wait = new("--wait") { Description = "its first frame must come within this time, else it is "
        + "refused; 0s takes it unseen, such as a camera that is switched on later", HelpName = "10s", DefaultValueFactory = _ => "10s" };

    private static readonly Option<bool> Save = new("--save") { Description = "write it into the device's config file too, so that the "
        + "device starts with it; all other lines of the file stay as they are" };

    private static readonly Option<string?> For = new("--for") { Description = "try it for so long: kept only if no condition breaks, else "
        + "the device itself goes back to what was before", HelpName = "60s" };

    private static readonly IReadOnlyList<Option> Common = [Save, For, .. TryCommand.Terms, ChangeCall.DryRun, ChangeCall.Reason];

    public static Command Create() => DeviceVerb.Group("source", """
        Lists, adds, changes and removes the cameras and files that frames come from, while the others go on.

        Examples:
          edgeroute source list
          edgeroute source add cam2 rtsp://10.0.0.7/main --save
          edgeroute source set cam2 deadline_ms=50
          edgeroute source remove cam2
          edgeroute source restart front
        """, List(), Add(), Set(), Remove(), Restart());

    private static Command List() => DeviceVerb.Create("list", """
        Lists the sources of a device: address, pack, and how their frames stand.

        Examples:
          edgeroute source list
          edgeroute source list --json
        """, ListAsync);

    private static Command Add()
    {
        Take.AcceptOnlyFromAmong("newest", "every");
        return DeviceVerb.Create("add", """
        Adds a source while the others go on. It is opened and must show a frame first; if it does not, nothing changes. It lasts until the
        device starts again; --save writes it into the config file. --dry-run opens it too, and adds nothing. Needs an admin.
        Exit code 5: tried with --for, and rolled back.

        Examples:
          edgeroute source add cam2 rtsp://10.0.0.7/main
          edgeroute source add cam2 v4l2:///dev/video2 --pack night deadline_ms=50 policy.kind=cascade --save
          edgeroute source add yard "v4l2src device=/dev/video4 ! video/x-raw,width=1280,height=720" isolate=true
          edgeroute source add gate --from gate.yaml --dry-run
          edgeroute source add cam2 rtsp://10.0.0.7/main --for 60s --p99 50 --fps 10
        """, call => SendAsync(call, ControlMethod.SourceAdd, AddWords), [Name, AddWords, Pack, Take, From, Wait, .. Common]);
    }

    private static Command Set() => DeviceVerb.Create("set", """
        Changes what a source is, its address or how it is opened: the new one is opened and must show a frame, then takes the place of the
        old one between two frames; its counts begin anew. Budgets, policy and the like change without that: 'edgeroute budget set'. What
        only one may open, such as a V4L2 camera, is removed and added instead. Needs an admin.

        Examples:
          edgeroute source set cam2 rtsp://10.0.0.8/main
          edgeroute source set cam2 take=every --dry-run
          edgeroute source set cam2 stall_ms=5000 isolate=true --save
        """, call => SendAsync(call, ControlMethod.SourceSet, SetWords), [Name, SetWords, Pack, Take, From, Wait, .. Common]);

    private static Command Remove() => DeviceVerb.Create("remove", """
        Removes a source while the others go on: its camera is closed, and what it shared goes to the others. The last one stays. With --for
        and --confirm it comes back unless that is confirmed. Needs an admin.

        Examples:
          edgeroute source remove cam2
          edgeroute source remove cam2 --save --reason "camera sent in for repair"
          edgeroute source remove cam2 --for 60s --confirm
        """, call => SendAsync(call, ControlMethod.SourceRemove, null), [Name, .. Common]);

    private static Command Restart() => DeviceVerb.Create("restart", """
        Closes a stream's source and opens it again, as after a fault.

        Examples:
          edgeroute source restart
          edgeroute source restart front
        """, call => call.ShowAsync<DoneReply>(ControlMethod.SourceRestart, new StreamRequest { Stream = call.Get(Stream) ?? "" },
            DeviceCommands.ShowDone), Stream);

    private static Argument<string[]> Words(string name, string help)
    {
        var words = new Argument<string[]>("words") { HelpName = name, Description = help, Arity = new ArgumentArity(0, 40) };
        words.CompletionSources.Add([.. SourceWords.Keys.Select(k => k + "="), .. ConfigAddress.Schemes.Keys.Select(s => s + "://")]);
        return words;
    }

    private static Task<int> SendAsync(DeviceCall call, string method, Argument<string[]>? words)
    {
        var request = new SourceRequest
        {
            Name = call.Get(Name)!, IsDryRun = call.Get(ChangeCall.DryRun), IsSaved = call.Get(Save),
            Reason = call.Get(ChangeCall.Reason) ?? "",
            Trial = call.Get(For) is { } duration ? TryCommand.TrialOf(call, duration) : null,
        };
        if (words is not null)
        {
            string text = call.Get(From) is { } file ? DocumentFile.ReadText(file, ConfigLimits.FileBytes) : "";
            (string, string?)[] options = [("pack", call.Get(Pack)), ("take", call.Get(Take))];
            request.Config = SourceWords.Text(text, call.Get(words)!, options);
            request.WaitSeconds = DurationText.Seconds(call.Get(Wait)!);
        }

        return TryCommand.FollowAsync(call, method, request, request.IsDryRun, DeviceClient.LongTimeLimit);
    }

    private static async Task<int> ListAsync(DeviceCall call)
    {
        await using var client = await call.ConnectAsync();
        byte[] answer = await client.RequestAsync(ControlMethod.Describe, null, null, call.Cancel);
        if (call.WantsJson)
        {
            Console.Out.WriteLine(DeviceCall.JsonOf(new SourceList { Sources = FieldReader.Read<DeviceDescription>(answer).Streams }));
            return WorkConsole.Done;
        }

        var status = await client.RequestAsync<DeviceStatus>(ControlMethod.Status, null, null, call.Cancel);
        var table = new TextTable("source", "address", "pack", ">captured", ">dropped", ">faults", "state");
        foreach (var source in FieldReader.Read<DeviceDescription>(answer).Streams)
        {
            var stream = status.Streams.Find(s => s.Name == source.Name) ?? new StreamStatus();
            table.Add(source.Name, source.Address, source.Pack, $"{stream.Captured}", $"{stream.Dropped}", $"{stream.SourceFaults}",
                stream.HasEnded ? "ended" : "runs");
        }

        table.Show("the device has no source");
        return WorkConsole.Done;
    }

    /// <summary>The streams of a description alone, in its own words.</summary>
    private sealed class SourceList : IControlMessage
    {
        public List<StreamDescription> Sources = [];

        public void Visit(IFieldVisitor fields) => fields.List("sources", ref Sources);
    }
}
