using System.Diagnostics;

namespace EdgeRoute.SystemTests;

/// <summary>
/// Two network namespaces, a device's and a laptop's, with nothing between them but a link that delays every packet by 50 ms each way and
/// loses one in a hundred. The link is a veth pair with netem where the kernel has it, else a pair of TUN interfaces with a small program
/// between them. Gone with the object.
/// </summary>
internal sealed class NetworkNamespaces : IDisposable
{
    public const string DeviceAddress = "10.79.0.1", LaptopAddress = "10.79.0.2";

    private const string DelayMs = "50", LossPercent = "1";

    private static int _count;

    private readonly string _device, _laptop;
    private readonly HostProcess? _link;

    private NetworkNamespaces(string name)
    {
        (_device, _laptop) = (name + "d", name + "l");
        try
        {
            foreach (string space in new[] { _device, _laptop })
            {
                Must("ip", "netns", "add", space);
                Must("ip", "-n", space, "link", "set", "lo", "up");
            }

            _link = TryNetem() ? null : StartProgram();
            Raise(_device, DeviceAddress);
            Raise(_laptop, LaptopAddress);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What makes the link bad: the kernel's netem, or a program.</summary>
    public string Means => _link is null ? "netem" : "a program between TUN interfaces";

    /// <summary>Skips the test, with the reason, where namespaces cannot be made.</summary>
    public static NetworkNamespaces CreateOrSkip()
    {
        Skip.If(Environment.UserName != "root", "network namespaces need root");
        Skip.IfNot(File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip"), "'ip' is missing; install iproute2");
        string probe = Name();
        var (exitCode, error) = Try("ip", "netns", "add", probe);
        Skip.If(exitCode != 0, $"this machine makes no network namespaces: {error}");
        Try("ip", "netns", "del", probe);
        Skip.IfNot(HasNetem() || File.Exists("/dev/net/tun"), "this kernel has neither netem nor TUN, so no link can be made bad");
        return new NetworkNamespaces(Name());
    }

    public HostProcess StartOnDevice(string binary, params string[] arguments) => Start(_device, binary, null, arguments);

    public HostProcess StartOnLaptop(string binary, IReadOnlyDictionary<string, string?>? environment, params string[] arguments) =>
        Start(_laptop, binary, environment, arguments);

    /// <summary>Words before a command that runs on the laptop.</summary>
    public string LaptopPrefix => $"ip netns exec {_laptop} ";

    public void Dispose()
    {
        _link?.CloseInput();
        _link?.WaitForExit();
        _link?.Dispose();
        foreach (string space in new[] { _device, _laptop })
        {
            Try("ip", "netns", "del", space);
        }
    }

    private static string Name() => $"er{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";

    private static HostProcess Start(string space, string binary, IReadOnlyDictionary<string, string?>? environment, string[] arguments) =>
        HostProcess.StartBinary("ip", environment, ["netns", "exec", space, .. CommandOf(binary), .. arguments]);

    /// <summary>A build that is not ahead of time is run by the framework.</summary>
    public static string[] CommandOf(string binary) => binary.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", binary] : [binary];

    private static bool HasNetem()
    {
        string probe = Name();
        Try("ip", "netns", "add", probe);
        bool isTaken = Try("ip", "netns", "exec", probe, "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms").ExitCode == 0;
        Try("ip", "netns", "del", probe);
        return isTaken;
    }

    private bool TryNetem()
    {
        if (!HasNetem())
        {
            return false;
        }

        Must("ip", "link", "add", _device, "netns", _device, "type", "veth", "peer", "name", _laptop, "netns", _laptop);
        foreach (string space in new[] { _device, _laptop })
        {
            Must("ip", "netns", "exec", space, "tc", "qdisc", "add", "dev", space, "root", "netem", "delay", DelayMs + "ms", "loss",
                LossPercent + "%");
        }

        return true;
    }

    private HostProcess StartProgram()
    {
        var link = HostProcess.StartBinary("python3", null, Script("bad_link.py"), _device, _laptop, DelayMs, LossPercent);
        link.Line("ready").GetAwaiter().GetResult();
        Must("ip", "link", "set", _device, "netns", _device);
        Must("ip", "link", "set", _laptop, "netns", _laptop);
        return link;
    }

    private static void Raise(string space, string address)
    {
        Must("ip", "-n", space, "address", "add", address + "/24", "dev", space);
        Must("ip", "-n", space, "link", "set", space, "up");
    }

    public static string Script(string name) => Path.Combine(HostProcess.Repository, "tests", "EdgeRoute.SystemTests", "network", name);

    private static void Must(string program, params string[] arguments)
    {
        var (exitCode, error) = Try(program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}: {error}");
    }

    private static (int ExitCode, string Error) Try(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}
