using System.CommandLine;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute events</c>: what happened on the device, and what happens now.</summary>
internal static class EventsCommand
{
    private static readonly Option<bool> Follow = new("--follow",
        "-f") { Description = "go on showing events until Ctrl-C, also after a lost connection" };
    private static readonly Option<int> Limit = new("--limit") { Description = "at most so many past events, the latest",
        DefaultValueFactory = _ => 50, HelpName = "COUNT" };

    public static Command Create() => DeviceVerb.Create("events", """
        Lists what happened: sources that failed or came back, fallbacks, floors breached, recordings, changes.

        Examples:
          edgeroute events
          edgeroute events --follow
          edgeroute events --follow --json | jq .text
        """, call => call.Get(Follow) ? FollowAsync(call) : call.ShowAsync<EventList>(ControlMethod.Events, new EventListRequest(),
            list => Show(call, list)), Follow, Limit);

    private static async Task<int> FollowAsync(DeviceCall call)
    {
        using var enough = new ShowingEnd(call.Cancel);
        long lastNumber = 0;
        var watch = new DeviceWatch(call.Dial)
        {
            OnConnected = async (client, cancel) =>
            {
                await client.RequestAsync(ControlMethod.Subscribe, new SubscribeRequest { Kind = ControlNotification.Event }, null, cancel);
                var past = await client.RequestAsync<EventList>(ControlMethod.Events, new EventListRequest { After = lastNumber },
                    null, cancel);
                // A device that started again counts from 1.
                lastNumber = past.Events.Count > 0 ? past.Events[^1].Number : lastNumber;
                Show(call, past);
            },
            OnNotification = notification =>
            {
                if (notification.Method == ControlNotification.Event && notification.Read<EventEntry>() is { } entry
                    && entry.Number > lastNumber)
                {
                    lastNumber = entry.Number;
                    Show(call, entry);
                }
            },
            OnLost = (reason, wait) =>
            {
                lastNumber = 0;
                call.Console.Say($"{reason}; connecting again in {wait.TotalSeconds:0.#} s");
            },
        };
        return await call.WatchAsync(watch, enough);
    }

    private static void Show(DeviceCall call, EventList list)
    {
        foreach (var entry in list.Events.TakeLast(call.Get(Limit)))
        {
            Show(call, entry);
        }

        if (list.Events.Count == 0 && !call.Get(Follow))
        {
            Console.Out.WriteLine("nothing happened that is worth a line");
        }
    }

    private static void Show(DeviceCall call, EventEntry entry) => Console.Out.WriteLine(
        call.WantsJson ? DeviceCall.JsonOf(entry, isOneLine: true)
        : ScreenText.LineOf($"{FigureText.Date(entry.UtcNs)} {(entry.Level == "warning" ? "warning" : "       ")} "
            + $"{(entry.Stream.Length == 0 ? "" : entry.Stream + ": ")}{entry.Text}"));
}
