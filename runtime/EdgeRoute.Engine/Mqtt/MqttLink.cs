using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Recording;
using MQTTnet;
using MQTTnet.Diagnostics.Logger;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>A connection to a broker that comes back by itself. Says once that it is lost, and once that it is back.</summary>
/// <param name="serve">What is done while it lasts; returns when it has ended or is to end.</param>
/// <param name="lostCount">Answers lost so far.</param>
internal sealed class MqttLink(MqttOutputConfig config, Func<MqttSession, Task> serve, Func<long> lostCount,
    Action<string> note, Action<string> warn, TimeProvider clock) : IDisposable
{
    /// <summary>How long a broker may take to answer; a far one over a mobile network takes a second.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>For what is told last when a run ends.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    /// <summary>Between two tries: from soon, doubled each time, up to what nobody minds to wait when the network is back.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Where somebody has to change something first. Tried now and then all the same: the change may be at the broker.</summary>
    private static readonly TimeSpan LastingPause = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _isDecided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile MqttSession? _session;
    private volatile string? _fault;
    private Task _run = Task.CompletedTask;
    private string? _told;
    private long _lostSinceNs, _lostBefore;

    /// <summary>The connection; null while there is none.</summary>
    public MqttSession? Session => _session is { HasEnded: false } session ? session : null;

    /// <summary>Why there is no connection; null while there is one.</summary>
    public string? Fault => _fault;

    /// <summary>Ends when it is to close.</summary>
    public CancellationToken Closing => _closing.Token;

    public void Start() => _run = Task.Run(Run);

    /// <summary>Waits until the first try has come to something, so that what is told first is not lost while it is under way.</summary>
    public void WaitDecided()
    {
        if (!_isDecided.Task.IsCompleted)
        {
            _isDecided.Task.Wait(AnswerLimit);
        }
    }

    /// <summary>Lets what serves the connection end in order, within a time.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        if (_run.Wait(CloseLimit))
        {
            _closing.Dispose();
        }
    }

    private async Task Run()
    {
        var pause = FirstPause;
        while (!_closing.IsCancellationRequested)
        {
            long startNs = clock.NowNs();
            var refusal = await TryOnce().ConfigureAwait(false);
            _isDecided.TrySetResult();
            if (_closing.IsCancellationRequested)
            {
                return;
            }

            // One that ends as soon as it is there must not be tried all the time.
            bool wasWell = clock.NowNs() - startNs > LongestPause.Ticks * TimeSpan.NanosecondsPerTick;
            pause = wasWell ? FirstPause : pause;
            var wait = refusal.IsLasting ? LastingPause : pause;
            Tell(refusal, wait);
            await Task.Delay(wait, clock, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>One connection from its beginning to its end; why it ended, or did not begin.</summary>
    private async Task<MqttRefusal> TryOnce()
    {
        MqttSettings? settings = null;
        using var client = new MqttClient(new MqttChannels(), MqttNetNullLogger.Instance);
        try
        {
            settings = new MqttSettings(config);
            var session = new MqttSession(client, _closing.Token);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            limit.CancelAfter(AnswerLimit);
            var result = await client.ConnectAsync(settings.Options, limit.Token).ConfigureAwait(false);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
            {
                return MqttRefusal.Of(result, config, config.User ?? settings.Address.User);
            }

            session.Begin(result);
            Begin(session, settings.Address);
            await serve(session).ConfigureAwait(false);
            return MqttRefusal.OfEnd(await session.Close().ConfigureAwait(false), config);
        }
        catch (Exception failed) when (PartThread.IsPartsOwn(failed))
        {
            return MqttRefusal.Of(failed, settings, config);
        }
        finally
        {
            _session = null;
            settings?.Dispose();
        }
    }

    private void Begin(MqttSession session, MqttAddress address)
    {
        (_fault, _session) = (null, session);
        _isDecided.TrySetResult();
        string place = KnownSecrets.Hide($"{address.Host}:{address.Port}");
        string version = ConfigEnums.Of(ConfigEnums.MqttVersions, config.Version);
        double seconds = (clock.NowNs() - _lostSinceNs) / 1e9;
        note(_told is null ? $"output {config.Name}: connected to {place} as '{config.ClientId}', MQTT {version}; topics begin with "
                + $"'{config.Topic}/'"
            : $"output {config.Name} is back: connected to {place} after {seconds:0} s; {lostCount() - _lostBefore} answers were lost "
                + "meanwhile");
        _told = null;
    }

    private void Tell(MqttRefusal refusal, TimeSpan wait)
    {
        string words = KnownSecrets.Hide(refusal.Words);
        string next = refusal.IsLasting ? $"tried again every {wait.TotalMinutes:0} minutes" : "tried again by itself";
        _fault = $"{words}; {next}";
        if (_told is null)
        {
            (_lostSinceNs, _lostBefore) = (clock.NowNs(), lostCount());
        }

        if (_told != words)
        {
            warn($"output {config.Name} has no connection to its broker: {words}. It is {next}; answers meanwhile are lost and counted.");
        }

        _told = words;
    }
}
