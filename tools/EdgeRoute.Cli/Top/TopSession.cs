using System.Runtime.InteropServices;
using System.Threading.Channels;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>Runs <c>top</c>: keeps the connection, takes keys, draws, and leaves the terminal as it was however it ends.</summary>
internal sealed class TopSession(Func<CancellationToken, Task<DeviceClient>> dial, string place, Glyphs glyphs, bool hasColour)
{
    /// <summary>Five pictures a second are as many as one can read; keys are answered at once.</summary>
    public const double TelemetryRateHz = 5;

    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Keys typed ahead.</summary>
    private const int KeysMost = 64;

    private readonly object _gate = new();
    private readonly TopModel _model = new() { Place = place };
    private readonly Channel<ConsoleKeyInfo> _keys =
        Channel.CreateBounded<ConsoleKeyInfo>(new BoundedChannelOptions(KeysMost) { FullMode = BoundedChannelFullMode.DropWrite });
    private DeviceClient? _client;

    public async Task RunAsync(CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var output = Console.OpenStandardOutput();
        using var painter = new TerminalPainter(output, hasColour);
        void OnExit(object? sender, EventArgs e) => painter.Close();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => ending.Cancel());
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            ending.Cancel();
        });
        using var suspend = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGTSTP, _ => painter.Close());
        using var resume = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => painter.Open());
        var watching = Task.CompletedTask;
        try
        {
            painter.Open();
            new Thread(ReadKeys) { IsBackground = true, Name = "keys" }.Start();
            watching = WatchAsync(ending.Token);
            await DrawAsync(painter, watching, ending.Token);
        }
        finally
        {
            painter.Close();
            AppDomain.CurrentDomain.ProcessExit -= OnExit;
            await ending.CancelAsync();
        }

        await Ignore(watching);
    }

    private static async Task Ignore(Task watching)
    {
        try
        {
            await watching;
        }
        catch (OperationCanceledException)
        {
            // The way it is meant to end.
        }
    }

    private void ReadKeys()
    {
        try
        {
            while (true)
            {
                _keys.Writer.TryWrite(Console.ReadKey(intercept: true));
            }
        }
        catch (Exception gone) when (gone is InvalidOperationException or IOException)
        {
            _keys.Writer.TryComplete();
        }
    }

    private async Task DrawAsync(TerminalPainter painter, Task watching, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(DrawInterval);
        var tick = timer.WaitForNextTickAsync(cancel).AsTask();
        var key = _keys.Reader.WaitToReadAsync(cancel).AsTask();
        while (!cancel.IsCancellationRequested && !watching.IsCompleted)
        {
            Canvas canvas;
            lock (_gate)
            {
                canvas = TopScreen.Render(_model, Math.Max(1, Console.WindowWidth), Math.Max(1, Console.WindowHeight), glyphs);
            }

            painter.Paint(canvas);
            await Task.WhenAny(tick, key);
            tick = tick.IsCompleted ? timer.WaitForNextTickAsync(cancel).AsTask() : tick;
            if (key.IsCompleted)
            {
                if (!await key || !TakeKeys(cancel))
                {
                    return;
                }

                key = _keys.Reader.WaitToReadAsync(cancel).AsTask();
            }
        }
    }

    /// <summary>False: quit.</summary>
    private bool TakeKeys(CancellationToken cancel)
    {
        while (_keys.Reader.TryRead(out var key))
        {
            TopAction? action;
            lock (_gate)
            {
                action = TopKeys.Press(_model, key);
            }

            if (action is TopAction.Quit)
            {
                return false;
            }

            if (action is not null)
            {
                _ = new TopRequests(_model, _gate).DoAsync(_client, action, cancel);
            }
        }

        return true;
    }

    private Task WatchAsync(CancellationToken cancel)
    {
        var watch = new DeviceWatch(dial)
        {
            OnConnected = ConnectAsync,
            OnNotification = notification =>
            {
                lock (_gate)
                {
                    Take(notification, cancel);
                }
            },
            OnLost = (reason, wait) =>
            {
                lock (_gate)
                {
                    (_client, _model.LinkProblem) = (null, $"{reason}; again in {wait.TotalSeconds:0.#} s");
                }
            },
        };
        return watch.RunAsync(isPatient: false, cancel);
    }

    private async Task ConnectAsync(DeviceClient client, CancellationToken cancel)
    {
        var description = await client.RequestAsync<DeviceDescription>(ControlMethod.Describe, null, null, cancel);
        var events = await client.RequestAsync<EventList>(ControlMethod.Events, new EventListRequest(), null, cancel);
        await client.RequestAsync(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Event }, null, cancel);
        await client.RequestAsync(ControlMethod.Subscribe,
            new SubscribeRequest { Kind = ControlNotification.Telemetry, RateHz = TelemetryRateHz }, null, cancel);
        lock (_gate)
        {
            (_client, _model.Welcome, _model.LinkProblem) = (client, client.Welcome, null);
            _model.Describe(description);
            _model.Streams.ForEach(s => s.Curve = null);
            events.Events.ForEach(_model.Take);
        }

        // Asked now, so that the first touch of the dial has its preview.
        foreach (var stream in description.Streams.Where(s => s.IsCalibrated))
        {
            _ = new TopRequests(_model, _gate).FetchQuietlyAsync(client, stream.Name, cancel);
        }
    }

    private void Take(Notification notification, CancellationToken cancel)
    {
        switch (notification.Method)
        {
            case ControlNotification.Telemetry when _model.Take(notification.Read<TelemetryMessage>()) && _client is { } client:
                _ = new TopRequests(_model, _gate).DescribeAsync(client, cancel);
                break;
            case ControlNotification.Event:
                _model.Take(notification.Read<EventEntry>());
                break;
        }
    }
}
