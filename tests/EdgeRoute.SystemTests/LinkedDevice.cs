using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Trust;
using EdgeRoute.Tests.ControlChannel.Serving;

namespace EdgeRoute.SystemTests;

/// <summary>
/// The published engine in the device's namespace, and the laptop's tool in the other. Each laptop is a folder with its own key and list of
/// devices.
/// </summary>
internal sealed partial class LinkedDevice : IDisposable
{
    public const int Port = 7420;

    public static readonly string Address = $"{NetworkNamespaces.DeviceAddress}:{Port}";

    private readonly TempFolder _folder = new();
    private readonly HostProcess _engine;
    private readonly List<HostProcess> _relays = [];
    private readonly string _config, _socket;

    private LinkedDevice(NetworkNamespaces net)
    {
        Net = net;
        _socket = _folder.File("control.sock");
        _config = _folder.Write("device.yaml", $$"""
            runtime: { threads: 1 }
            packs:
              shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json")}} }
            sources:
              table:
                open: sim://tabletop?width=320&height=240&fps=30&seed=1
                pack: shapes
                take: newest
                pace: source
                policy: { kind: value, floor: 0.9 }
                budget: { device_ms: 0.5 }
                audit: { share: 0.05 }
                deadline_ms: none
            control:
              unix: {{_socket}}
              tcp: '0.0.0.0:{{Port}}'
              state: {{Directory.CreateDirectory(_folder.File("state")).FullName}}
              name: robot

            """);
        _engine = net.StartOnDevice(HostProcess.Binary, "run", _config);
    }

    public NetworkNamespaces Net { get; }

    /// <summary>Named by EDGEROUTE, else where <c>./build.sh tools</c> leaves it.</summary>
    public static string Tool { get; } = System.Environment.GetEnvironmentVariable("EDGEROUTE")
        ?? Path.Combine(HostProcess.Repository, "out", "tools", "edgeroute");

    public static async Task<LinkedDevice> StartOrSkip()
    {
        Skip.IfNot(System.IO.File.Exists(Tool), $"the laptop tool {Tool} is missing; run ./build.sh tools, or name it with EDGEROUTE");
        var net = NetworkNamespaces.CreateOrSkip();
        var device = new LinkedDevice(net);
        try
        {
            await device._engine.Line("first frame");
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    public string File(string name) => _folder.File(name);

    /// <summary>Who sits at the device.</summary>
    public ChannelClient Owner()
    {
        var client = ChannelClient.Unix(_socket);
        client.Hello();
        return client;
    }

    /// <summary>The laptop's tool, to its end.</summary>
    public (int ExitCode, string Output, string Error) Laptop(string laptop, params string[] arguments)
    {
        using var tool = Net.StartOnLaptop(Tool, Environment(laptop), arguments);
        tool.CloseInput();
        return (tool.WaitForExit(), tool.Output, tool.Error);
    }

    public Dictionary<string, string?> Environment(string laptop) => new() { ["XDG_CONFIG_HOME"] = File(laptop),
        ["EDGEROUTE_DEVICE"] = null, ["TERM"] = "xterm-256color" };

    /// <summary>Opens the window as a person does, and gives the code that is shown.</summary>
    public async Task<(HostProcess Window, string Code)> OpenWindow(params string[] options)
    {
        var window = Net.StartOnDevice(HostProcess.Binary, ["pair", _config, .. options]);
        return (window, CodeIn(await window.Line("code: ")));
    }

    public static string CodeIn(string line) => CodeShown().Match(line) is { Success: true } m ? m.Groups[1].Value + m.Groups[2].Value
        : throw new InvalidOperationException(line);

    public async Task Pair(string laptop, params string[] options)
    {
        var (window, code) = await OpenWindow(options);
        using (window)
        {
            var (exitCode, _, error) = Laptop(laptop, "pair", Address, "--as", laptop, "--code", code);
            Assert.True(exitCode == 0, error);
            Assert.True(window.WaitForExit() == 0, window.Output + window.Error);
        }
    }

    /// <summary>All that a stranger must not be able to change.</summary>
    public string State()
    {
        using var owner = Owner();
        var file = owner.Ask<ConfigReply>(ControlMethod.ConfigGet, new ConfigRequest());
        var effective = owner.Ask<ConfigReply>(ControlMethod.ConfigGet, new ConfigRequest { IsEffective = true });
        var journal = owner.Ask<JournalList>(ControlMethod.Journal).Entries.Select(e => $"{e.Number} {e.Who} {e.Method} {e.Outcome}");
        var clients = owner.Ask<ClientList>(ControlMethod.Clients).Clients.Select(c => $"{c.Name} {c.Role} {c.Fingerprint}");
        return string.Join('\n', [file.Sha256, effective.Sha256, .. clients, .. journal]);
    }

    /// <summary>
    /// A listener in the laptop's namespace, or a Unix socket that can be reached from here, with the device's port behind it.
    /// </summary>
    public async Task<string> Relay(string listen, params string[] capture)
    {
        var relay = Net.StartOnLaptop("python3", null, [NetworkNamespaces.Script("relay.py"), listen, Address, .. capture]);
        _relays.Add(relay);
        await relay.Line("ready");
        return listen;
    }

    /// <summary>A client of the test's own, over the bad link, with the key of a laptop.</summary>
    public ChannelClient RawClient(string relay, string laptop)
    {
        string folder = Path.Combine(File(laptop), "edgeroute");
        using var own = SelfSigned.Read(System.IO.File.ReadAllText(Path.Combine(folder, "laptop.key.pem")),
            System.IO.File.ReadAllText(Path.Combine(folder, "laptop.cert.pem")));
        var socket = RawSocket(relay);
        var tls = new SslStream(new NetworkStream(socket));
        tls.AuthenticateAsClient(TlsTerms.Client(TlsTerms.Shown(own), _ => true));
        return new ChannelClient(tls, socket);
    }

    public static Socket RawSocket(string relay)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000,
            SendTimeout = 60_000 };
        socket.Connect(new UnixDomainSocketEndPoint(relay));
        return socket;
    }

    public void Dispose()
    {
        _relays.ForEach(r => r.Dispose());
        _engine.Signal(15);
        _engine.WaitForExit();
        _engine.Dispose();
        Net.Dispose();
        _folder.Dispose();
    }

    [GeneratedRegex("code: ([0-9]+) ([0-9]+)")]
    private static partial Regex CodeShown();
}
