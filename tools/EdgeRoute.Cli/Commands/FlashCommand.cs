using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Cli.Trust;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Workbench.Flashing;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute flash</c>: from a fresh board to a running, paired service.</summary>
internal static class FlashCommand
{
    public static readonly Option<string?> Package = new("--package") { Description = "the .deb, or a folder of them; default: the newest "
        + "in out/packages or here", HelpName = "FILE" };
    private static readonly Option<string?> Config = new("--config") { Description = "device config for the board; packs that it names and "
        + "that lie here go along. Default: the board keeps its own, a fresh one shows a simulated camera", HelpName = "FILE.yaml" };
    private static readonly Option<string?> Name = new("--name") { Description = "what to call the device here; default: as it calls "
        + "itself", HelpName = "NAME" };
    public static readonly Option<bool> Downgrade = new("--allow-downgrade") { Description = "also where the board has a newer version" };
    private static readonly Option<bool> NoPair = new("--no-pair") { Description = "do not pair this laptop" };
    private static readonly Option<string?> Picture = new("--picture") { Description = "save the first picture, with boxes drawn in",
        HelpName = "FILE.jpg" };

    /// <summary>A first start may build TensorRT engines, which the service says meanwhile; frames follow within seconds of that.</summary>
    private static readonly TimeSpan FirstFrameLimit = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromSeconds(0.5);

    private static readonly JsonSerializerOptions JsonFormat = new() { WriteIndented = true };

    public static Command Create()
    {
        var command = new Command("flash", """
            Installs a board over ssh: looks at it, says what it will do, copies the package, config and packs, starts the service, pairs
            this laptop without a typed code, and waits for the first frame. Run again it does what is missing; cut anywhere, it goes on.
            The user needs root by sudo. The host's key is that of ~/.ssh/known_hosts, or is shown and asked for.

            Exit code: 0 frames flow; 1 something is missing or failed; 2 the input or the host's key is refused.

            Examples:
              edgeroute flash nvidia@robot.local
              edgeroute flash nvidia@robot.local --dry-run
              edgeroute flash pi@192.168.1.40 --config robot.yaml --picture first.jpg --yes
              edgeroute flash nvidia@robot.local --package out/packages/edgeroute_0.1.0_arm64.deb --json --yes
            """) { BoardAccess.Host, Package, Config, Name, Picture, NoPair, Downgrade, BoardAccess.Identity, BoardAccess.Fingerprint,
            BoardAccess.DryRun, BoardAccess.Yes, BoardAccess.Json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => RunAsync(parsed, console).GetAwaiter().GetResult(),
                "stopped; what was done stays, and the same command goes on from there");
        });
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, WorkConsole console)
    {
        var (link, facts) = await BoardAccess.OpenAsync(parsed, console);
        using (link)
        {
            foreach (string line in facts.Lines().Concat(facts.Doubts(DateTime.UtcNow).Select(d => "note: " + d)))
            {
                console.Say(ScreenText.LineOf(line));
            }

            var bundle = FlashBundle.Of(FindPackage(parsed.GetValue(Package), facts.Architecture), parsed.GetValue(Config));
            string[] obstacles = [.. facts.Obstacles(bundle.Architecture, bundle.Package.Bytes)];
            if (obstacles.Length > 0)
            {
                throw new IOException(string.Join('\n', obstacles));
            }

            string scratch = Directory.CreateTempSubdirectory("edgeroute-flash").FullName;
            try
            {
                var plan = await FlashRun.PlanAsync(link, facts, bundle, scratch, console.Cancel);
                return await RunAsync(parsed, console, link, facts, plan);
            }
            finally
            {
                Directory.Delete(scratch, recursive: true);
            }
        }
    }

    private static async Task<int> RunAsync(ParseResult parsed, WorkConsole console, SshLink link, BoardFacts facts, FlashRun plan)
    {
        bool wantsPairing = !parsed.GetValue(NoPair);
        var report = new FlashReport(facts, plan.Steps);
        ShowPlan(console, plan.Steps, wantsPairing);
        if (plan.DowngradeFrom is { } newer && !parsed.GetValue(Downgrade))
        {
            console.Say($"the board has {newer}, which is newer than this package: say --allow-downgrade to go back");
            return WorkConsole.Refused;
        }

        bool isDry = parsed.GetValue(BoardAccess.DryRun);
        bool hasWork = plan.Steps.Any(s => s.IsNeeded);
        if (!isDry && hasWork && !BoardAccess.IsAgreed(parsed, console, $"do this on {link.Address}?"))
        {
            return WorkConsole.Refused;
        }

        if (!isDry)
        {
            await plan.RunAsync(new FlashTelling(s => { report.Begin(s); console.Say($"==> {s.Words}"); }, console.Show), console.Cancel);
            report.End();
        }

        if (!isDry && wantsPairing)
        {
            string device = await PairAsync(parsed, console, link);
            await FirstFrameAsync(parsed, console, link, device, report);
        }

        if (parsed.GetValue(BoardAccess.Json))
        {
            Console.Out.WriteLine(report.ToJson(isDry).ToJsonString(JsonFormat));
        }

        return WorkConsole.Done;
    }

    private static void ShowPlan(WorkConsole console, IReadOnlyList<FlashStep> steps, bool wantsPairing)
    {
        foreach (var step in steps)
        {
            console.Say($"  {(step.IsNeeded ? "will" : "done")}  {ScreenText.LineOf(step.Words)}");
        }

        if (wantsPairing)
        {
            console.Say("  will  pair this laptop where it is not, and wait for the first frame");
        }
    }

    /// <exception cref="ArgumentException">There is none.</exception>
    public static string FindPackage(string? wanted, string architecture)
    {
        if (wanted is not null && !Directory.Exists(wanted))
        {
            return wanted;
        }

        string[] folders = wanted is not null ? [wanted] : [Path.Combine("out", "packages"), ".", AppContext.BaseDirectory];
        return FlashBundle.Find(architecture, folders)
            ?? throw new ArgumentException($"no edgeroute_VERSION_{architecture}.deb lies in {string.Join(", ", folders)}; name one with "
                + "--package, or make one with './build.sh package'");
    }

    /// <summary>Name of the device that this laptop knows the board by; it is paired where it is not yet.</summary>
    public static async Task<string> PairAsync(ParseResult parsed, WorkConsole console, SshLink link)
    {
        string folder = UserFolder.Config(), host = link.Address.Host, ownName = DeviceClient.ClientName;
        foreach (var known in DeviceStore.Load(folder).Devices.Where(d => !d.IsUnixSocket && DeviceAddress.Parse(d.Address).Host == host))
        {
            try
            {
                await using var client = await new DeviceFinder().Find(known.Name)(console.Cancel);
                if (ControlRole.Covers(client.Welcome.Role, ControlRole.Viewer))
                {
                    return known.Name;
                }
            }
            catch (IOException)
            {
                // Another device was here, or this one has forgotten the laptop: it is paired anew below.
            }
        }

        console.Say("==> pair this laptop");
        string name = "";
        using var laptop = LaptopIdentity.LoadOrCreate(folder, ownName);
        await RemoteService.PairAsync(link, async window =>
            name = (await PairCommand.PairAsync(new DeviceAddress(null, host, window.Port), laptop, window.Code, null,
                parsed.GetValue(Name), ownName, console.Cancel)).Name, console.Cancel);
        console.Say($"paired with '{name}'");
        return name;
    }

    private static async Task FirstFrameAsync(ParseResult parsed, WorkConsole console, SshLink link, string device, FlashReport report)
    {
        var waited = Stopwatch.StartNew();
        var dial = new DeviceFinder().Find(device);
        while (true)
        {
            await using var client = await dial(console.Cancel);
            var status = await client.RequestAsync<DeviceStatus>(ControlMethod.Status, null, null, console.Cancel);
            if (status.Probation is { WentBackBecause: { } why, UntilUtcNs: 0 } && parsed.GetValue(Config) is not null)
            {
                throw new IOException($"the board went back to the config before: {ScreenText.Of(why)}");
            }

            if (status.Streams.Find(s => s.Completed + s.Exited + s.Escalated + s.Skipped > 0) is { } stream)
            {
                report.FirstFrame(device, stream);
                console.Say($"frames flow: '{stream.Name}' with {stream.Pack}, "
                    + $"{stream.Completed + stream.Exited + stream.Escalated + stream.Skipped} answered");
                await SavePictureAsync(parsed, client, console);
                console.Say($"try: edgeroute top --device {device}");
                return;
            }

            if (waited.Elapsed > FirstFrameLimit)
            {
                throw new IOException($"no frame was answered within {FirstFrameLimit.TotalSeconds:0} s:\n"
                    + ScreenText.Of(await RemoteService.TroubleAsync(link, console.Cancel)));
            }

            console.Show(string.Create(CultureInfo.InvariantCulture, $"waiting for the first frame, {waited.Elapsed.TotalSeconds:0} s"));
            await Task.Delay(Pause, console.Cancel);
        }
    }

    private static async Task SavePictureAsync(ParseResult parsed, DeviceClient client, WorkConsole console)
    {
        if (parsed.GetValue(Picture) is { } path)
        {
            var reply = await client.RequestAsync<SnapshotReply>(ControlMethod.Snapshot, new SnapshotRequest { IsAnnotated = true }, null,
                console.Cancel);
            await File.WriteAllBytesAsync(path, reply.Jpeg, console.Cancel);
            console.Say($"wrote {path}");
        }
    }
}

/// <summary>What came of a flash, for programs.</summary>
internal sealed class FlashReport(BoardFacts facts, IReadOnlyList<FlashStep> steps)
{
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private readonly Stopwatch _clock = new();
    private string? _step;
    private JsonObject? _firstFrame;

    public void Begin(FlashStep step)
    {
        End();
        _step = step.Key;
        _clock.Restart();
    }

    public void End()
    {
        if (_step is not null)
        {
            _seconds[_step] = Math.Round(_clock.Elapsed.TotalSeconds, 2);
        }

        _step = null;
    }

    public void FirstFrame(string device, StreamStatus stream) => _firstFrame = new JsonObject
    {
        ["device"] = device, ["stream"] = stream.Name, ["pack"] = stream.Pack,
        ["answered"] = stream.Completed + stream.Exited + stream.Escalated + stream.Skipped,
    };

    public JsonObject ToJson(bool isDry) => new()
    {
        ["dry_run"] = isDry,
        ["board"] = new JsonObject(facts.Words.Select(w => KeyValuePair.Create(w.Key, (JsonNode?)w.Value))),
        ["steps"] = new JsonArray([.. steps.Select(s => (JsonNode)new JsonObject
        {
            ["step"] = s.Key, ["what"] = s.Words, ["is_needed"] = s.IsNeeded,
            ["seconds"] = _seconds.TryGetValue(s.Key, out double taken) ? taken : null,
        })]),
        ["first_frame"] = _firstFrame,
    };
}
