using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute actions</c>: what a robot is told to do, live.</summary>
internal static class ActionsCommand
{
    private static readonly Option<string?> Source = new("--source", "--stream") { Description = "actions of this source only",
        HelpName = "SOURCE" };
    private static readonly Option<long> Limit = new("--limit") { Description = "end after so many; 0: go on until Ctrl-C",
        HelpName = "COUNT" };

    public static Command Create() => DeviceVerb.Create("actions", """
        Shows the actions of a stream with 'actions' in its config, as they are due: values, the plan and step that they come from, its age,
        and how much of the plan before is in them; or a hold and its reason. Subscribing moves nothing by itself.

        Examples:
          edgeroute actions
          edgeroute actions --source arm --limit 100 --json
        """, RunAsync, Source, Limit);

    private static async Task<int> RunAsync(DeviceCall call)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel);
        long shownCount = 0, lostCount = 0;
        var watch = new DeviceWatch(call.Dial)
        {
            OnConnected = async (client, cancel) =>
            {
                lostCount = 0;
                var request = new SubscribeRequest { Kind = ControlNotification.Action, Stream = call.Get(Source) ?? "" };
                await client.RequestAsync(ControlMethod.Subscribe, request, null, cancel);
            },
            OnNotification = notification =>
            {
                if (notification.Method != ControlNotification.Action || enough.IsCancellationRequested)
                {
                    return;
                }

                var action = notification.Read<ActionMessage>();
                if (action.LostCount > lostCount)
                {
                    call.Console.Say($"{action.LostCount - lostCount} actions are missing here: this laptop or the link was too slow");
                    lostCount = action.LostCount;
                }

                Console.Out.WriteLine(call.WantsJson ? DeviceCall.JsonOf(action, isOneLine: true) : ScreenText.LineOf(LineOf(action)));
                if (++shownCount == call.Get(Limit) || OutputDescriptor.HasStandardOutputNoReader())
                {
                    enough.Cancel();
                }
            },
            OnLost = (reason, wait) => call.Console.Say(string.Create(CultureInfo.InvariantCulture, $"{reason}; connecting again in "
                + $"{wait.TotalSeconds:0.#} s")),
        };
        try
        {
            await watch.RunAsync(isPatient: false, enough.Token);
        }
        catch (OperationCanceledException) when (!call.Cancel.IsCancellationRequested)
        {
            return WorkConsole.Done;
        }

        return WorkConsole.Done;
    }

    private static string LineOf(ActionMessage action)
    {
        if (action.IsHold)
        {
            return $"{action.Source,-12} hold: {action.Reason}";
        }

        string values = string.Join(' ', action.Values.Select(v => v.ToString("0.000", CultureInfo.InvariantCulture)));
        string blend = action.Blend > 0 ? $", {FigureText.Percent(action.Blend)} of the plan before" : "";
        return $"{action.Source,-12} {values}   step {action.Step} of the plan of frame {action.PlanSequence} ({action.PlanPath}), "
            + $"{FigureText.Of(action.AgeMs, "0")} ms old{blend}";
    }
}
