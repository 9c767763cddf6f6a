using System.Globalization;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Says on the network that this device can be reached (mDNS, as <c>_edgeroute._tcp</c>): Avahi, which most boards run already, answers for
/// it as long as its own program <c>avahi-publish</c> is held open here.
/// </summary>
internal sealed class ChannelAnnouncement : IDisposable
{
    /// <summary>What laptops look for.</summary>
    public const string ServiceType = "_edgeroute._tcp";

    /// <summary>Digits of the device's key that are told: enough to know a device again, and no secret.</summary>
    private const int KeyDigits = 16;

    /// <summary>How long the end of this object may go unnoticed.</summary>
    private const int LookMs = 200;

    private readonly Thread _thread;
    private volatile bool _isDisposed;

    /// <param name="name">What the device is called.</param>
    /// <param name="port">Of the control channel.</param>
    /// <param name="fingerprint">Of the device's key.</param>
    /// <param name="complain">Hears once that it cannot be announced, or is not any more, and why.</param>
    /// <param name="program">Of Avahi's own.</param>
    public ChannelAnnouncement(string name, int port, string fingerprint, Action<string> complain, string program = "avahi-publish")
    {
        string[] arguments = ["--pdeathsig", "KILL", program, "--no-fail", "-s", name, ServiceType,
            port.ToString(CultureInfo.InvariantCulture), $"key={fingerprint[..KeyDigits]}"];

        // A thread of its own: the kernel ends the child when the thread ends that started it, and so when this process is killed.
        _thread = new Thread(() => Hold(arguments, program, complain)) { Name = "announcement", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _isDisposed = true;
        _thread.Join();
    }

    private void Hold(string[] arguments, string program, Action<string> complain)
    {
        try
        {
            using var child = ChildProcess.Start("setpriv", arguments);
            bool hasEnded = false;
            while (!_isDisposed && !hasEnded)
            {
                hasEnded = child.WaitForEnd(LookMs) is not null;
            }

            if (hasEnded)
            {
                complain($"the device is not announced on the network: {program} has ended; is it there (apt-get install avahi-utils "
                    + "avahi-daemon), and is the name free?");
            }

            child.Kill();
            child.WaitForEnd(LookMs);
        }
        catch (IOException fault)
        {
            complain($"the device is not announced on the network: {fault.Message}");
        }
    }
}
