using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute budget try</c>: a change that is kept only if it proves itself.</summary>
internal static class TryCommand
{
    private static readonly Argument<string[]> Words = StreamArguments.WithSettings(StreamSettings.All);

    private static readonly Option<string> For = new("--for") { Description = "how long it is tried", HelpName = "60s",
        DefaultValueFactory = _ => "60s" };
    private static readonly Option<double?> P99 = new("--p99") { Description = "roll back where latency p99 is above so many milliseconds",
        HelpName = "MS" };
    private static readonly Option<double?> DeviceMs = new("--device-ms") { Description = "roll back where a frame takes more device time "
        + "on average", HelpName = "MS" };
    private static readonly Option<double?> Watts = new("--watts") { Description = "roll back where the board draws more", HelpName = "W" };
    private static readonly Option<string?> Agreement = new("--agreement") { Description = "roll back where audits agree less, such as "
        + "0.97 or 97%", HelpName = "SHARE" };
    private static readonly Option<double?> Fps = new("--fps") { Description = "roll back where fewer frames a second are answered",
        HelpName = "FPS" };
    private static readonly Option<long?> Failed = new("--failed") { Description = "roll back where more frames fail", HelpName = "COUNT" };
    private static readonly Option<long?> Late = new("--late") { Description = "roll back where more frames are late", HelpName = "COUNT" };
    private static readonly Option<bool> Confirm = new("--confirm") { Description = "roll back at the end unless it is confirmed: here by "
        + "'y', or by 'edgeroute trial keep'" };
    private static readonly Option<bool> CancelOnExit = new("--cancel-on-exit") { Description = "Ctrl-C rolls the change back; without, "
        + "the trial goes on by itself" };

    /// <summary>What a trial is judged by, and what Ctrl-C does.</summary>
    public static IReadOnlyList<Option> Terms { get; } = [P99, DeviceMs, Watts, Agreement, Fps, Failed, Late, Confirm, CancelOnExit];

    public static Command Create() => DeviceVerb.Create("try", """
        Tries settings out: the change is kept only if, until the time is over, no condition broke; else the device itself goes back to what
        was before, also when this laptop is gone. Shows the trial to its end. Exit code 5: rolled back.

        Examples:
          edgeroute budget try device_ms=6 --p99 33
          edgeroute budget try front watts=10W --for 5m --agreement 97% --late 20
          edgeroute budget try front policy=value price=0.01 --for 30s --confirm
        """, RunAsync, [Words, For, .. Terms, ChangeCall.DryRun, ChangeCall.Reason]);

    private static async Task<int> RunAsync(DeviceCall call)
    {
        var (stream, settings) = StreamArguments.SplitSettings(call.Get(Words)!);
        var request = new ChangeRequest
        {
            Stream = stream, Set = SettingParser.Read(settings), IsDryRun = call.Get(ChangeCall.DryRun),
            Reason = call.Get(ChangeCall.Reason) ?? "", Trial = TrialOf(call, call.Get(For)!),
        };
        return await FollowAsync(call, ControlMethod.Change, request, request.IsDryRun);
    }

    /// <summary>Asks for a change, and shows the trial that comes of it to its end; returns the exit code.</summary>
    /// <param name="limit">How long the answer may take; null for the usual.</param>
    public static async Task<int> FollowAsync(DeviceCall call, string method, IControlMessage request, bool isDryRun,
        TimeSpan? limit = null)
    {
        var dial = call.Dial;
        await using var client = await dial(call.Cancel);
        byte[] answer = await client.RequestAsync(method, request, limit, call.Cancel);
        var reply = FieldReader.Read<ChangeReply>(answer);
        bool isOver = isDryRun || reply.Trial is null;
        if (isOver || !call.WantsJson)
        {
            call.Show<ChangeReply>(answer, r => ChangeCall.Show(r, isDryRun));
        }

        return isOver ? WorkConsole.Done : await new TrialFollower(call, dial, call.Get(CancelOnExit)).FollowAsync(client);
    }

    /// <param name="duration">How long it is tried, such as <c>60s</c>.</param>
    public static TrialRequest TrialOf(DeviceCall call, string duration) => new()
    {
        Seconds = DurationText.Seconds(duration), LatencyMsP99 = call.Get(P99), DeviceMsMean = call.Get(DeviceMs),
        Watts = call.Get(Watts),
        AgreementLeast = call.Get(Agreement) is { } text ? SettingParser.ReadOne(StreamSettings.Floor, text).Floor.Number : null,
        FramesPerSecondLeast = call.Get(Fps),
        FailedMost = call.Get(Failed), LateMost = call.Get(Late), NeedsConfirmation = call.Get(Confirm),
    };
}
