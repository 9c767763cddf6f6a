using System.CommandLine;
using System.Globalization;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute answers</c>: what the device sees, live.</summary>
internal static class AnswersCommand
{
    private static readonly Option<string?> Source = new("--source", "--stream") { Description = "answers of this source only",
        HelpName = "SOURCE" };
    private static readonly Option<string[]> Class = new("--class") { Description = "boxes, classes and segments of this name only; may "
        + "be given several times", HelpName = "CLASS", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<double> MinConfidence = new("--min-confidence") { Description = "boxes and classes with at least this "
        + "confidence only, 0 to 1", HelpName = "X" };
    private static readonly Option<bool> Changes = new("--changes") { Description = "only when something else is there than before: "
        + "another number of boxes of a class, another surest class" };
    private static readonly Option<double> Rate = new("--rate") { Description = "at most so many answers a second of each source; 0: "
        + "every frame", HelpName = "HZ" };
    private static readonly Option<long> Limit = new("--limit") { Description = "end after so many answers; 0: go on until Ctrl-C",
        HelpName = "COUNT" };

    public static Command Create() => DeviceVerb.Create("answers", """
        Shows what the device sees, as it sees it: boxes, classes, maps in short, actions. Filters narrow it on the device; frames on which
        nothing passes them are shown all the same, unless --changes is given. With --json each answer is one line, as in an answers file.
        Ends with Ctrl-C, and when whoever reads its output has gone.

        Examples:
          edgeroute answers
          edgeroute answers --source front --class person --min-confidence 0.6
          edgeroute answers --changes --class person --class bicycle
          edgeroute answers --rate 2 --json | jq .detections
        """, RunAsync, Source, Class, MinConfidence, Changes, Rate, Limit);

    private static async Task<int> RunAsync(DeviceCall call)
    {
        using var enough = new ShowingEnd(call.Cancel);
        var printer = new AnswerPrinter(call.WantsJson);
        long shownCount = 0, lostCount = 0;
        var watch = new DeviceWatch(call.Dial)
        {
            OnConnected = async (client, cancel) =>
            {
                lostCount = 0;
                await client.RequestAsync(ControlMethod.Subscribe, RequestOf(call), null, cancel);
            },
            OnNotification = notification =>
            {
                if (notification.Method != ControlNotification.Answer || enough.IsEnough)
                {
                    return;
                }

                var answer = notification.Read<AnswerMessage>();
                if (answer.LostCount > lostCount)
                {
                    call.Console.Say($"{answer.LostCount - lostCount} answers are missing here: this laptop or the link was too slow");
                    lostCount = answer.LostCount;
                }

                printer.Print(answer);
                if (++shownCount == call.Get(Limit))
                {
                    enough.Tell();
                }
            },
            OnLost = (reason, wait) => call.Console.Say(string.Create(CultureInfo.InvariantCulture, $"{reason}; connecting again in "
                + $"{wait.TotalSeconds:0.#} s")),
        };
        return await call.WatchAsync(watch, enough);
    }

    private static SubscribeRequest RequestOf(DeviceCall call)
    {
        var filter = new AnswerFilter
        {
            Classes = [.. call.Get(Class) ?? []], MinConfidence = call.Get(MinConfidence), OnlyChanges = call.Get(Changes),
        };
        bool isPlain = filter is { Classes.Count: 0, MinConfidence: 0, OnlyChanges: false };
        return new SubscribeRequest
        {
            Kind = ControlNotification.Answer, Stream = call.Get(Source) ?? "", RateHz = call.Get(Rate), Filter = isPlain ? null : filter,
        };
    }
}
