namespace EdgeRoute.Cli.Connecting;

/// <summary>
/// Which device a command talks to: the one named with <c>--device</c>, else in EDGEROUTE_DEVICE, else the default or only paired one, else the runtime of this machine where
/// its socket is at the usual place.
/// </summary>
/// <param name="usualSocket">Where the runtime of this machine listens.</param>
internal sealed class DeviceFinder(string usualSocket = DeviceAddress.UsualSocket)
{
    public const string Variable = "EDGEROUTE_DEVICE";

    /// <param name="wanted">As given on the command line; null or empty: not given.</param>
    /// <returns>A way to connect, to be used as often as needed.</returns>
    /// <exception cref="ArgumentException">No device is meant, or an unknown one; the message lists those known.</exception>
    public Func<CancellationToken, Task<DeviceClient>> Find(string? wanted)
    {
        string? name = string.IsNullOrWhiteSpace(wanted) ? Environment.GetEnvironmentVariable(Variable) : wanted;
        if (!string.IsNullOrWhiteSpace(name))
        {
            return Dial(DeviceAddress.Parse(name));
        }

        return File.Exists(usualSocket) ? Dial(DeviceAddress.Unix(usualSocket)) : throw new ArgumentException(
            $"which device? Say --device NAME, host:port or unix:PATH, or set {Variable}. No device is paired, and no runtime of this machine listens at {usualSocket}");
    }

    private static Func<CancellationToken, Task<DeviceClient>> Dial(DeviceAddress address) => async cancel =>
        await DeviceClient.GreetAsync(await UnixDial.ConnectAsync(address.SocketPath!, cancel), address.ToString(), cancel);
}
