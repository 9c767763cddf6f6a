using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Protocol;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>The thread on which time passes for a channel.</summary>
public sealed class ChannelPump : IDisposable
{
    /// <summary>
    /// Telemetry comes at most 20 times a second; two ticks for each keep its rhythm, and a ring of frames never fills meanwhile.
    /// </summary>
    public const int PeriodMs = 25;

    private readonly ChannelServer _server;
    private readonly TimeProvider _clock;
    private readonly ManualResetEventSlim _isStopping = new();
    private readonly Thread _thread;
    private string? _lastFault;

    public ChannelPump(ChannelServer server, TimeProvider clock)
    {
        (_server, _clock) = (server, clock);
        _thread = new Thread(Run) { IsBackground = true, Name = "channel watch" };
        _thread.Start();
    }

    public void Dispose()
    {
        _isStopping.Set();
        _thread.Join();
        _isStopping.Dispose();
    }

    private void Run()
    {
        while (!_isStopping.Wait(PeriodMs))
        {
            try
            {
                _server.Tick(_clock.NowNs());
            }
            catch (Exception fault)
            {
                // A status that cannot be made is told once; watching stops being right, frames and requests go on.
                Report(fault);
            }
        }
    }

    private void Report(Exception fault)
    {
        string text = $"the channel's tick failed: {fault.GetType().Name}: {fault.Message}";
        if (text != _lastFault)
        {
            _server.Events.Add(EventLevel.Warning, "", text);
            _lastFault = text;
        }
    }
}
