using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Workbench.Episodes;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute arm</c>: the simulated arm as a robot of its own, which a device moves over the channel.</summary>
internal static class ArmCommand
{
    /// <summary>A camera sends pictures whether somebody acts or not.</summary>
    private static readonly TimeSpan IdlePeriod = TimeSpan.FromMilliseconds(200);

    private static readonly Option<string?> Source = new("--source", "--stream")
    {
        Description = "the stream that moves it; may be left out where the device has only one", HelpName = "SOURCE",
    };
    private static readonly Option<int> Count = new("--count") { Description = "episodes", DefaultValueFactory = _ => 20,
        HelpName = "COUNT" };
    private static readonly Option<int> Port = new("--port") { Description = "of the camera on this machine",
        DefaultValueFactory = _ => 7431, HelpName = "PORT" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "of the tables; training sees other seeds",
        DefaultValueFactory = _ => 2_000_001 };
    private static readonly Option<int> Side = new("--side") { Description = "pixels of the camera's square picture",
        DefaultValueFactory = _ => 96 };
    private static readonly Option<double> Latency = new("--latency") { Description = "from an action's arrival to its movement, in "
        + "milliseconds, as drives and buses have it; in whole steps of --hz", HelpName = "MS" };
    private static readonly Option<double> Hz = new("--hz") { Description = "the stream's actions.hz", DefaultValueFactory = _ => 30 };

    public static Command Create() => DeviceVerb.Create("arm", """
        Stands for a robot: the simulated arm, its camera and its tables live in this process, and a device moves it over the channel. The
        camera is a TCP port with raw RGB pictures; state and instruction are put, actions are taken. The config is
        device-configs/examples/robot.yaml.

        Examples:
          edgeroute arm --device unix:out/control.sock
          edgeroute arm --count 200 --latency 100 --json
        """, RunAsync, Source, Count, Port, Seed, Side, Latency, Hz);

    private static async Task<int> RunAsync(DeviceCall call)
    {
        string stream = call.Get(Source) ?? "";
        int steps = (int)Math.Round(call.Get(Latency) * call.Get(Hz) / 1000);
        using var arm = Open(new RemoteArmSettings(call.Get(Seed), call.Get(Side), steps, call.Get(Port)));
        await using var client = await call.ConnectAsync();
        var subscribe = new SubscribeRequest { Kind = ControlNotification.Action, Stream = stream };
        await client.RequestAsync(ControlMethod.Subscribe, subscribe, null, call.Cancel);
        call.Console.Say($"the arm's camera is at {arm.CameraEndPoint}; it works for {call.Get(Count)} episodes; Ctrl-C ends it earlier");
        long lastNumber = 0, missingCount = 0;
        while (arm.Result.EpisodeCount < call.Get(Count))
        {
            var put = new StatePutRequest { Stream = stream, Values = arm.State.ToArray(), Instruction = arm.Instruction };
            await client.RequestAsync(ControlMethod.StatePut, put, null, call.Cancel);
            arm.Show();
            if (await NextAsync(client, call.Cancel) is { } action)
            {
                missingCount += action.Number - lastNumber - 1;
                lastNumber = action.Number;
                arm.Tick(action.IsHold ? null : action.Values);
            }

            call.Console.Show($"{arm.Result.Words} of {call.Get(Count)}");
        }

        Show(arm.Result, missingCount, call.WantsJson);
        return WorkConsole.Done;
    }

    private static RemoteArm Open(RemoteArmSettings settings)
    {
        try
        {
            return new RemoteArm(settings);
        }
        catch (SocketException taken)
        {
            throw new ArgumentException($"--port {settings.Port}: the camera cannot be opened there: {taken.Message}");
        }
    }

    /// <summary>The next action; null where none comes for a while.</summary>
    private static async Task<ActionMessage?> NextAsync(DeviceClient client, CancellationToken cancel)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        idle.CancelAfter(IdlePeriod);
        try
        {
            while (await client.Notifications.WaitToReadAsync(idle.Token))
            {
                if (client.Notifications.TryRead(out var notification) && notification.Method == ControlNotification.Action)
                {
                    return notification.Read<ActionMessage>();
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }

        throw new DeviceLostException(client.LostReason ?? "the device has gone");
    }

    private static void Show(RemoteArmResult done, long missingCount, bool wantsJson)
    {
        if (wantsJson)
        {
            Console.Out.WriteLine(new JsonObject
            {
                ["episodes"] = done.EpisodeCount, ["placed"] = done.PlacedCount, ["wrong"] = done.WrongCount,
                ["out_of_time"] = done.OutOfTimeCount, ["success"] = done.SuccessShare,
                ["success_low"] = done.SuccessLow, ["success_high"] = done.SuccessHigh, ["ticks"] = done.TickCount,
                ["waits"] = done.WaitCount, ["actions_missing"] = missingCount,
            }.ToJsonString());
            return;
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done.EpisodeCount} episodes, {done.PlacedCount} placed: "
            + $"{100 * done.SuccessShare:0.0} % ({100 * done.SuccessLow:0.0} to {100 * done.SuccessHigh:0.0}); "
            + $"{(double)done.TickCount / done.EpisodeCount:0.0} ticks an episode, {done.WaitCount} waits in all; "
            + $"{missingCount} actions missing"));
    }
}
