using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute trace</c>: frames as they end, live.</summary>
internal static class TraceCommand
{
    private static readonly Option<string?> Stream = new("--stream") { Description = "frames of this stream only", HelpName = "STREAM" };
    private static readonly Option<string?> Path = new("--path") { Description = "frames that ended on this path only; 'light*' takes all "
        + "that begin so", HelpName = "PATH" };
    private static readonly Option<bool> Late = new("--late") { Description = "late frames only" };
    private static readonly Option<double?> SlowerThan = new("--slower-than") { Description = "frames with a greater latency only",
        HelpName = "MS" };
    private static readonly Option<bool> Notable = new("--notable") { Description = "frames that were late, failed, fell back or "
        + "were audited" };
    private static readonly Option<double> Rate = new("--rate") { Description = "at most so many frames a second; 0: every frame",
        HelpName = "HZ" };
    private static readonly Option<long> Limit = new("--limit") { Description = "end after so many frames; 0: go on until Ctrl-C",
        HelpName = "COUNT" };

    public static Command Create() => DeviceVerb.Create("trace", """
        Shows frames as they end: path, latency, device time, price, gain, slack. Filters narrow it; with --json each frame is one line.
        'edgeroute explain --frame N' tells the whole story of one.

        Examples:
          edgeroute trace
          edgeroute trace --stream front --late
          edgeroute trace --path 'light>heavy' --slower-than 30 --limit 20
          edgeroute trace --notable --json > notable.jsonl
        """, RunAsync, Stream, Path, Late, SlowerThan, Notable, Rate, Limit);

    private static async Task<int> RunAsync(DeviceCall call)
    {
        using var enough = new ShowingEnd(call.Cancel);
        var printer = new TracePrinter(call.WantsJson);
        var filter = new TraceFilter(call.Get(Path), call.Get(Late), call.Get(SlowerThan));
        long shownCount = 0, lostCount = 0;
        Action ask = () => { };
        var watch = new DeviceWatch(call.Dial)
        {
            OnConnected = async (client, cancel) =>
            {
                printer.Describe(await client.RequestAsync<DeviceDescription>(ControlMethod.Describe, null, null, cancel));
                lostCount = 0;
                ask = AskOnce(client, printer, cancel);
                var request = new SubscribeRequest
                {
                    Kind = ControlNotification.Trace, Stream = call.Get(Stream) ?? "", RateHz = call.Get(Rate),
                    OnlyNotable = call.Get(Notable),
                };
                await client.RequestAsync(ControlMethod.Subscribe, request, null, cancel);
            },
            OnNotification = notification =>
            {
                if (notification.Method != ControlNotification.Trace)
                {
                    return;
                }

                var message = notification.Read<TraceMessage>();
                if (message.LostCount > lostCount)
                {
                    call.Console.Say($"{message.LostCount - lostCount} frames are missing here: this laptop or the link was too slow");
                    lostCount = message.LostCount;
                }

                foreach (var trace in Read(message))
                {
                    if (!printer.Knows(trace))
                    {
                        ask();
                    }

                    if (filter.Takes(trace, printer.PathOf(trace)) && !enough.IsEnough)
                    {
                        printer.Print(trace);
                        shownCount++;
                        TellWhen(call.Get(Limit) > 0 && shownCount >= call.Get(Limit), enough);
                    }
                }
            },
            OnLost = (reason, wait) => call.Console.Say(string.Create(CultureInfo.InvariantCulture, $"{reason}; connecting again in "
                + $"{wait.TotalSeconds:0.#} s")),
        };
        return await call.WatchAsync(watch, enough);
    }

    /// <summary>
    /// A source has come that is not known yet: the device is asked what it is, one question at a time, and meanwhile its frames have its
    /// number for a name.
    /// </summary>
    private static Action AskOnce(DeviceClient client, TracePrinter printer, CancellationToken cancel)
    {
        Task asking = Task.CompletedTask;
        return () => asking = asking.IsCompleted ? AskAsync() : asking;

        async Task AskAsync()
        {
            try
            {
                printer.DescribeMore(await client.RequestAsync<DeviceDescription>(ControlMethod.Describe, null, null, cancel));
            }
            catch (Exception ended) when (ended is DeviceLostException or DeviceRefusedException or OperationCanceledException)
            {
                // Whoever reads the frames hears of it as well.
            }
        }
    }

    private static void TellWhen(bool isEnough, ShowingEnd end)
    {
        if (isEnough)
        {
            end.Tell();
        }
    }

    /// <summary>Records of another size are from a newer device and are left alone.</summary>
    private static IEnumerable<BriefTrace> Read(TraceMessage message)
    {
        for (int at = 0; message.RecordBytes == BriefTrace.Bytes && at + BriefTrace.Bytes <= message.Records.Length; at += BriefTrace.Bytes)
        {
            yield return BriefTrace.Read(message.Records.AsSpan(at));
        }
    }
}

/// <summary>Which frames are shown.</summary>
internal sealed record TraceFilter(string? Path, bool OnlyLate, double? SlowerThanMs)
{
    public bool Takes(BriefTrace trace, string path) =>
        (Path is null || (Path.EndsWith('*') ? path.StartsWith(Path[..^1], StringComparison.Ordinal) : path == Path))
        && (!OnlyLate || trace.Flags.HasFlag(TraceFlags.Late))
        && (SlowerThanMs is null || trace.LatencyMicroseconds > SlowerThanMs * 1000);
}
