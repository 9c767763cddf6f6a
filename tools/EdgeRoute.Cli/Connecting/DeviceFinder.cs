using EdgeRoute.Cli.Trust;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Cli.Connecting;

/// <summary>
/// Which device a command talks to: the one named with <c>--device</c>, else in EDGEROUTE_DEVICE, else the default or only paired one, else
/// the runtime of this machine where its socket is at the usual place.
/// </summary>
/// <param name="folder">Where this laptop keeps its key and the devices it knows; null: the usual place.</param>
/// <param name="usualSocket">Where the runtime of this machine listens.</param>
internal sealed class DeviceFinder(string? folder = null, string usualSocket = DeviceAddress.UsualSocket)
{
    public const string Variable = "EDGEROUTE_DEVICE";

    private string Folder => folder ?? UserFolder.Config();

    /// <summary>As it was named, for a screen that has not reached it yet.</summary>
    public static string NameOf(string? wanted) => !string.IsNullOrWhiteSpace(wanted) ? wanted
        : Environment.GetEnvironmentVariable(Variable) ?? "";

    /// <param name="wanted">As given on the command line; null or empty: not given.</param>
    /// <returns>A way to connect, to be used as often as needed.</returns>
    /// <exception cref="ArgumentException">No device is meant, or an unknown one; the message lists those known.</exception>
    /// <exception cref="TrustException">This user has no home, where a paired device would be found.</exception>
    public Func<CancellationToken, Task<DeviceClient>> Find(string? wanted)
    {
        string name = NameOf(wanted);
        if (name.StartsWith("unix:", StringComparison.Ordinal) || name.StartsWith('/'))
        {
            return DialUnix(DeviceAddress.Parse(name).SocketPath!);
        }

        if (name.Length == 0 && folder is null && UserFolder.FindConfig() is null && File.Exists(usualSocket))
        {
            // A service's user has no home, and asks the runtime of its own machine.
            return DialUnix(usualSocket);
        }

        var store = DeviceStore.Load(Folder);
        if (name.Length > 0)
        {
            return Dial(store.Find(name) ?? (DeviceAddress.IsExplicit(name) ? store.Find(DeviceAddress.Parse(name).ToString()) : null)
                ?? throw Unknown(name, store));
        }

        if (store.Default is { } known)
        {
            return Dial(known);
        }

        if (store.Devices.Count > 0)
        {
            throw new ArgumentException(
                $"which device? Say --device with one of {Names(store)}, set {Variable}, or choose one with 'edgeroute devices default'");
        }

        if (File.Exists(usualSocket))
        {
            return DialUnix(usualSocket);
        }

        throw new ArgumentException(
                $"no device is paired, and no runtime of this machine listens at {usualSocket}. Pair one: run 'edgerouted pair' on the "
                    + "device and 'edgeroute pair HOST' here; "
                + "or name a socket with --device unix:PATH");
    }

    private Func<CancellationToken, Task<DeviceClient>> Dial(KnownDevice device) => device.IsUnixSocket
        ? DialUnix(device.Address)
        : async cancel =>
        {
            using var laptop = LaptopIdentity.LoadOrCreate(Folder, DeviceClient.ClientName);
            var call = await TcpConnector.ConnectAsync(DeviceAddress.Parse(device.Address), laptop, device.Fingerprint, cancel);
            return await DeviceClient.GreetAsync(call.Stream, $"'{device.Name}' ({device.Address})", cancel);
        };

    private static Func<CancellationToken, Task<DeviceClient>> DialUnix(string path) => async cancel =>
        await DeviceClient.GreetAsync(await UnixConnector.ConnectAsync(path, cancel), $"unix:{path}", cancel);

    private static ArgumentException Unknown(string name, DeviceStore store) => new(
        $"'{name}' is no paired device{(store.Devices.Count > 0 ? $"; paired are {Names(store)}" : "; none is paired yet")}. "
        + $"'edgeroute pair {name}' pairs it, after 'edgerouted pair' on the device");

    private static string Names(DeviceStore store) => string.Join(", ", store.Devices.Select(d => d.Name));
}
