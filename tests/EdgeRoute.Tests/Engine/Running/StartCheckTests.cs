using System.Net;
using System.Net.Sockets;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.ControlChannel.Trust;
using EdgeRoute.Tests.Workbench.Sweeps;

namespace EdgeRoute.Tests.Engine.Running;

/// <summary>What a check finds without opening anything: all that a start would be refused for.</summary>
public sealed class StartCheckTests : IDisposable
{
    private const UnixFileMode Owner = PrivateFile.Mode | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _taken = new(IPAddress.Loopback, 0);
    private readonly List<string> _told = [];

    public StartCheckTests() => _taken.Start();

    public void Dispose()
    {
        _taken.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("lock: nowhere", "the lock 'nowhere' is not a path of the pack")]
    [InlineData("policy: { kind: fixed, path: nowhere }", "nowhere")]
    [InlineData("policy: { kind: value, calibration: CALIBRATION }", "source 's'")]
    [InlineData("instruction: 'put it there'", "takes no instruction")]
    [InlineData("isolate: true", "'isolate' is true, but it tells the robot's state", "sim://tabletop?task=pick_place")]
    [InlineData("rules: { r: { when: { count: { class: sqare } } } }",
        "rule 'r' names the class 'sqare', which the pack 'shapes' does not have")]
    [InlineData("rules: { r: { when: { path: nowhere } } }", "rule 'r' names the path 'nowhere', which the pack 'shapes' does not have")]
    [InlineData("rules: { r: { when: { ended: failed }, path: nowhere } }", "rule 'r' names the path 'nowhere'")]
    [InlineData("deadline_ms: 9", "width=x: must be", "sim://tabletop?width=x")]
    public void What_does_not_fit_source_and_pack_is_found(string key, string words, string open = "sim://tabletop")
    {
        key = key.Replace("CALIBRATION", _folder.Write("calibration.json", "{}"), StringComparison.Ordinal);
        Assert.Contains(Problems(Text($"open: '{open}', {key}")), p => p.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void A_pack_that_wants_the_robots_state_gets_none_from_a_table() => Assert.Contains(
        Problems(Text("open: 'sim://tabletop'").Replace(ShapesSweeps.ShapesFolder, Tabletop, StringComparison.Ordinal)),
        p => p.Contains("wants the robot's state", StringComparison.Ordinal));

    [Fact]
    public void A_kernel_that_this_processor_has_not_is_found()
    {
        string[] all = ["scalar", "vector128", "vector256"];
        var found = all.ToDictionary(k => k, k => Problems($"runtime: {{ kernel: {k} }}\n{Text("open: 'sim://tabletop'")}").Count);
        Assert.Equal(0, found["scalar"]);
        Assert.Equal(System.Runtime.Intrinsics.X86.Avx2.IsSupported ? 0 : 1, found["vector256"]);
    }

    [Theory]
    [InlineData("trace: { file: /proc/run.erec }", "'/proc' cannot be written into")]
    [InlineData("record: { file: /proc/run.erec }", "'/proc' cannot be written into")]
    [InlineData("control: { unix: /proc/control.sock }", "the control socket '/proc/control.sock' cannot be opened")]
    [InlineData("control: { unix: FILE }", "is there and is no socket")]
    [InlineData("control: { unix: none, metrics: 'TAKEN' }", "TAKEN")]
    [InlineData("control: { unix: none, state: WIDE }", "may be written by others")]
    [InlineData("control: { unix: none, tcp: '127.0.0.1:7421', state: DAMAGED }", "clients.json")]
    [InlineData("control: { unix: none, tcp: '127.0.0.1:7421', state: OPENKEY }", "is open to others")]
    [InlineData("control: { unix: none, state: NOJOURNAL }", "journal.jsonl")]
    public void What_this_machine_would_refuse_is_found_and_nothing_is_left_behind(string group, string words)
    {
        string taken = _taken.LocalEndpoint.ToString()!;
        foreach (var (name, value) in new[] { ("FILE", _folder.Write("file", "mine")), ("TAKEN", taken), ("WIDE", Folder("wide")),
            ("DAMAGED", Folder("damaged")), ("OPENKEY", Folder("openkey")), ("NOJOURNAL", Folder("nojournal")) })
        {
            group = group.Replace(name, value, StringComparison.Ordinal);
            words = words.Replace(name, value, StringComparison.Ordinal);
        }

        FileModes.Set(_folder.File("wide"), Owner | UnixFileMode.OtherWrite);
        _folder.Write("damaged/clients.json", "damaged");
        FileModes.Set(_folder.Write("openkey/device.pem", "key"), PrivateFile.Mode | UnixFileMode.OtherRead);
        Directory.CreateDirectory(_folder.File("nojournal", "journal.jsonl"));
        string[] before = Everything();
        Assert.Contains(MachineProblems(group), p => p.Contains(words, StringComparison.Ordinal));
        Assert.Equal(before, Everything());
        Assert.Equal(Owner | UnixFileMode.OtherWrite, FileModes.Of(_folder.File("wide")));
    }

    [Fact]
    public void What_is_right_is_found_right_and_leaves_nothing_behind()
    {
        Folder("state");
        string group = $"control: {{ unix: {_folder.File("s")}, tcp: '{_taken.LocalEndpoint}', state: {_folder.File("state")} }}\n"
            + $"trace: {{ file: {_folder.File("run.erec")} }}";
        Assert.Empty(Problems(Text("open: 'sim://tabletop'", group)));
        Assert.Empty(MachineProblems(group));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("state")));
        Assert.False(Path.Exists(_folder.File("s")));

        // A run goes on without that port, and tries it again, so that it is no reason to refuse.
        Assert.Contains("control.tcp", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void The_sockets_of_the_runtime_that_is_at_work_are_its_own()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_folder.File("s")));
        listener.Listen();
        Assert.Empty(MachineProblems($"control: {{ unix: {_folder.File("s")}, metrics: '{_taken.LocalEndpoint}' }}"));
        Assert.Contains("a second one would be refused", Assert.Single(_told), StringComparison.Ordinal);
        Assert.True(Path.Exists(_folder.File("s")));
    }

    private static string Tabletop => Path.Combine(TestPlaces.Repository, "models", "tabletop");

    private static string Text(string source, string more = "") =>
        $"packs: {{ p: {{ manifest: {ShapesSweeps.ShapesFolder}/manifest.json }} }}\n"
        + $"sources: {{ s: {{ {source}, pack: p }} }}\n{more}\n";

    private string Folder(string name)
    {
        string path = Directory.CreateDirectory(_folder.File(name)).FullName;
        FileModes.Set(path, Owner);
        return path;
    }

    private string[] Everything() =>
        [.. Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private IReadOnlyList<string> Problems(string text) => StartCheck.Problems(Read(text), SimulatedSources.Schemes);

    private IReadOnlyList<string> MachineProblems(string group) =>
        ConfigTrial.ProblemsOfMachine(Read(Text("open: 'sim://tabletop'", group)), _told.Add);

    private DeviceConfig Read(string text)
    {
        var reading = DeviceConfigReader.ReadText(text, _folder.File("device.yaml"));
        Assert.True(reading.Config is not null, string.Join('\n', reading.Problems));
        return reading.Config!;
    }
}
