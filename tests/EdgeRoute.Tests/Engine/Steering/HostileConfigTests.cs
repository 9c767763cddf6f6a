using System.Net;
using System.Net.Sockets;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.ControlChannel.Trust;
using EdgeRoute.Tests.Workbench.Sweeps;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>
/// Configs that would leave a device without its engine, put on one that runs: each is refused with the reason, or runs, or gives way.
/// Frames flow afterwards, and after a restart too.
/// </summary>
public sealed class HostileConfigTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly ProbationTimes Patient = new(3_600_000_000_000, 7_200_000_000_000);

    /// <summary>Short, for configs that must give way; nothing else is judged by it.</summary>
    private static readonly ProbationTimes Strict = new(1_000_000_000, 2_000_000_000);

    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _taken = new(IPAddress.Loopback, 0);

    public HostileConfigTests() => _taken.Start();

    public static TheoryData<string> Refused
    {
        get
        {
            using var names = new HostileConfigTests();
            return [.. names.Hostile().Keys];
        }
    }

    public static TheoryData<string> GivingWay => ["no such camera", "no video"];

    public static TheoryData<string> Running => ["names used up", "library no ELF", "library cut short", "labels kept"];

    private string Base => Text();

    private string Socket => _folder.File("s");

    public void Dispose()
    {
        _taken.Dispose();
        _folder.Dispose();
    }

    [SkippableTheory]
    [MemberData(nameof(Refused))]
    public void A_config_that_cannot_be_started_is_refused_with_the_reason(string name)
    {
        var (text, reason) = Hostile()[name]();
        string path = _folder.Write("device.yaml", Base);
        using (var device = new RunnerRig(path, Socket, Patient))
        {
            device.PassFrames();
            var reply = device.Ask<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest { Text = text, Restarts = true });
            Assert.False(reply.IsWritten);
            Assert.Contains(reply.Problems, p => p.Contains(reason, StringComparison.Ordinal));
            Assert.Equal(1, device.EngineCount);
            device.PassFrames();
        }

        RunsAgain(path, Base);
    }

    [SkippableTheory]
    [MemberData(nameof(Running))]
    public void A_config_that_is_odd_and_can_be_started_runs(string name)
    {
        string path = _folder.Write("device.yaml", Base), text = Odd(name);
        using (var device = new RunnerRig(path, Socket, Patient))
        {
            device.PassFrames();
            Put(device, text);
            device.PassFrames(enginesBefore: 1);
            var probation = device.Ask<DeviceStatus>(ControlMethod.Status).Probation!;
            Assert.Null(probation.WentBackBecause);
            Assert.True(probation.UntilUtcNs > 0);
        }

        RunsAgain(path, text);
    }

    [SkippableTheory]
    [MemberData(nameof(GivingWay))]
    public void A_config_without_frames_gives_way_and_the_status_says_why(string name)
    {
        string path = _folder.Write("device.yaml", Base), text = Odd(name);
        using (var device = new RunnerRig(path, Socket, Strict))
        {
            device.PassFrames();
            Put(device, text);
            device.PassFrames(enginesBefore: 2);
            Assert.Equal(Base, File.ReadAllText(path));
            Assert.NotNull(device.Ask<DeviceStatus>(ControlMethod.Status).Probation?.WentBackBecause);
            var entries = device.Ask<JournalList>(ControlMethod.Journal).Entries;
            Assert.Equal(["written, and started again with it"], entries.Where(e => e.Who != "device").Select(e => e.Outcome));
            Assert.StartsWith("rolled back to the config before: ", entries[^1].Outcome, StringComparison.Ordinal);
        }

        RunsAgain(path, Base);
    }

    [SkippableFact]
    public void What_has_not_proved_itself_is_nothing_to_go_back_to()
    {
        string path = _folder.Write("device.yaml", Base);
        using var device = new RunnerRig(path, Socket, Patient);
        device.PassFrames();
        foreach (string more in new[] { "# one\n", "# two\n" })
        {
            Assert.True(device.Ask<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest { Text = Base + more }).IsWritten);
        }

        Assert.Equal(Base, File.ReadAllText(path + ConfigControl.PreviousEnding));
    }

    [SkippableFact]
    public void A_config_edited_by_hand_is_never_replaced_and_the_last_one_goes_on()
    {
        string path = _folder.Write("device.yaml", Base), edited = Text(runtime: ", providers: [{ name: CUDA, require: true }]");
        _folder.Write("device.yaml" + ConfigControl.PreviousEnding, "# long ago");
        using var device = new RunnerRig(path, Socket, Patient);
        device.PassFrames();
        _folder.Write("device.yaml", edited);
        device.Ask<DoneReply>(ControlMethod.Shutdown, new ShutdownRequest { Restarts = true });
        device.PassFrames(enginesBefore: 1);
        Assert.Equal(edited, File.ReadAllText(path));
    }

    private static void Put(RunnerRig device, string text)
    {
        var reply = device.Ask<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest { Text = text, Restarts = true });
        Assert.True(reply.IsWritten, string.Join('\n', reply.Problems));
    }

    private void RunsAgain(string path, string text)
    {
        Assert.Equal(text, File.ReadAllText(path));
        using var device = new RunnerRig(path, Socket, Patient);
        device.PassFrames();
    }

    private Dictionary<string, Func<(string Text, string Reason)>> Hostile() => new(StringComparer.Ordinal)
    {
        ["metrics port taken"] = () => (Text(control: $", metrics: '{_taken.LocalEndpoint}'"), "cannot be opened"),
        ["channel port taken"] = () => (WithState("fresh", $", tcp: '{_taken.LocalEndpoint}'"), "cannot be opened"),
        ["one port for two"] = () => (WithState("fresh", ", tcp: '127.0.0.1:7421', metrics: '0.0.0.0:7421'"), "give each its own"),
        ["address of another machine"] = () => (WithState("fresh", ", tcp: '192.0.2.1:7421'"), "192.0.2.1:7421 cannot be opened"),
        ["trace into a read-only folder"] = () => (Text(more: "trace: { file: /proc/run.erec }"), "'/proc' cannot be written into"),
        ["recording into a read-only folder"] = () => (Text(more: "record: { file: /proc/run.erec }"), "'/proc' cannot be written into"),
        ["trace in the place of a folder"] = () => (Text(more: $"trace: {{ file: {_folder.Path} }}"), "is a folder"),
        ["trace in a folder that is missing"] = () => (Text(more: "trace: { file: none/run.erec }"), "no folder to write"),
        ["name too long"] = () => (Text(more: $"trace: {{ file: {new string('x', 240)} }}"), "a name of 240 bytes"),
        ["state read-only"] = () => (Text(control: ", state: /proc/self/task"), "the control channel cannot be opened"),
        ["state missing"] = () => (Text(control: ", state: none"), "no folder 'none'"),
        ["damaged clients"] = () => (WithState("damaged", ", tcp: '127.0.0.1:7421'", "clients.json"), "cannot be used"),
        ["damaged key"] = () => (WithState("damaged", ", tcp: '127.0.0.1:7421'", "device.pem"), "cannot be used"),
        ["folder in the place of the journal"] = () => (WithState("odd", "", folder: "journal.jsonl"), "cannot be opened"),
        ["socket too long"] = () => (Base.Replace(Socket, $"/tmp/{new string('x', 120)}", StringComparison.Ordinal), "longer than"),
        ["socket in a folder that is missing"] = () => (Base.Replace(Socket, "/none/s", StringComparison.Ordinal), "no folder to write"),
        ["socket in the place of a file"] = () => (Base.Replace(Socket, _folder.Write("f", "x"), StringComparison.Ordinal), "is no socket"),
        ["bad byte in a manifest"] = () => (Text(manifest: Manifest(bytes => bytes[bytes.Length / 2] = 0xFF)), "line "),
        ["folder in the place of a manifest"] = () => (Text(manifest: ShapesSweeps.ShapesFolder), "is a folder"),
        ["manifest missing"] = () => (Text(manifest: "none.json"), "no file 'none.json'"),
        ["pack missing"] = () => (Base.Replace("pack: shapes", "pack: shape", StringComparison.Ordinal), "not under 'packs'"),
        ["model cut short"] = () => (Text(files: CutModels()), "SHA-256"),
        ["calibration damaged"] = () => (Text(policy: $"kind: value, calibration: {_folder.Write("c.json", "{\"calibration\":1")}"),
            "c.json"),
        ["labels not writable"] = () => (Text(policy: "kind: value", source: ", audit: { share: 0.1, keep_folder: /proc }"), "/proc"),
        ["labels in the place of a file"] = () => (Audited(_folder.Write("file", "x")), "is a file"),
        ["labels without an index"] = () => (Audited(Path.GetDirectoryName(Made("labels", "index.csv"))!), "index.csv"),
        ["source missing"] = () => (Text(open: "none.mp4"), "no file or folder 'none.mp4'"),
        ["provider absent"] = () => (Text(runtime: ", providers: [{ name: CUDA, require: true }]"), "CUDA"),
        ["library of another digest"] = () => (Text(runtime: $", library_sha256: '{new string('0', 64)}'"), "is wanted"),
        ["password file open to others"] = () => (Text(
            open: "rtsp://127.0.0.1:1/cam', user: a, password_file: '" + OpenPassword(), take: ""), "open to others"),
    };

    private string Odd(string name) => name switch
    {
        "names used up" => Text(more: $"trace: {{ file: {UsedUp()} }}"),
        "labels kept" => Audited("labels"),
        "library no ELF" => Text(library: _folder.Write("libonnxruntime.so", "no library")),
        "library cut short" => Text(library: CutLibrary()),
        "no such camera" => Text(open: "v4l2:///dev/video97", take: ""),
        _ => Text(open: _folder.Write("junk.mp4", "no video")),
    };

    private string Text(string? library = null, string runtime = "", string? manifest = null, string? files = null,
        string open = "sim://tabletop?width=160&height=120&seed=1", string take = ", take: every, pace: free",
        string policy = "kind: cascade", string source = "", string control = "", string more = "") => $$"""
        runtime: { library: {{library ?? TestPlaces.OnnxRuntimeLibrary}}, threads: 1{{runtime}} }
        packs:
          shapes: { manifest: {{manifest ?? ShapesSweeps.ShapesFolder + "/manifest.json"}}, files: {{files ?? ShapesSweeps.ShapesFolder}} }
        sources: { table: { open: '{{open}}', pack: shapes{{take}}, policy: { {{policy}} }{{source}} } }
        control: { unix: {{Socket}}{{control}} }
        {{more}}

        """;

    private string Audited(string folder) => Text(policy: "kind: value", source: $", audit: {{ share: 0.1, keep_folder: {folder} }}");

    private string WithState(string name, string control, string? damagedFile = null, string? folder = null)
    {
        string state = Directory.CreateDirectory(_folder.File(name)).FullName;
        if (damagedFile is not null)
        {
            string path = Path.Combine(state, damagedFile);
            File.WriteAllText(path, "damaged");
            FileModes.Set(path, PrivateFile.Mode);
        }

        if (folder is not null)
        {
            Made(name, folder);
        }

        FileModes.Set(state, Owner);
        return Text(control: $", state: {state}{control}");
    }

    private string Made(params string[] parts) => Directory.CreateDirectory(_folder.File(parts)).FullName;

    private string Manifest(Action<byte[]> spoil)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(ShapesSweeps.ShapesFolder, "manifest.json"));
        spoil(bytes);
        File.WriteAllBytes(_folder.File("manifest.json"), bytes);
        return _folder.File("manifest.json");
    }

    private string CutModels()
    {
        string folder = Made("models");
        foreach (string path in Directory.GetFiles(ShapesSweeps.ShapesFolder))
        {
            byte[] bytes = File.ReadAllBytes(path);
            bool isModel = path.EndsWith(".onnx", StringComparison.Ordinal);
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(path)), isModel ? bytes[..(bytes.Length / 2)] : bytes);
        }

        return folder;
    }

    private string CutLibrary()
    {
        using var whole = File.OpenRead(TestPlaces.OnnxRuntimeLibrary);
        var half = new byte[whole.Length / 2];
        whole.ReadExactly(half);
        File.WriteAllBytes(_folder.File("libonnxruntime.so"), half);
        return _folder.File("libonnxruntime.so");
    }

    private string UsedUp()
    {
        string first = _folder.Write("run.erec", "");
        for (int i = 2; i < 1000; i++)
        {
            File.WriteAllText(_folder.File($"run-{i}.erec"), "");
        }

        return first;
    }

    private string OpenPassword()
    {
        string path = _folder.Write("password", "secret\n");
        FileModes.Set(path, PrivateFile.Mode | UnixFileMode.OtherRead);
        return path;
    }
}
