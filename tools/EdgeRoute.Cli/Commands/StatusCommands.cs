using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute status</c>, <c>streams</c>, <c>journal</c>: how the device stands and what was changed.</summary>
internal static class StatusCommands
{
    private static readonly Option<int> Limit = new("--limit") { Description = "at most so many, the latest", DefaultValueFactory = _ => 20,
        HelpName = "COUNT" };

    public static Command Status() => DeviceVerb.Create("status", """
        Shows how the device stands: heat and power, latency, paths, prices and budgets of each stream over the last seconds. 'edgeroute
        top' shows it live.

        Examples:
          edgeroute status
          edgeroute status --device robot3 --json
        """, call => call.ShowAsync<DeviceStatus>(ControlMethod.Status, null, StatusText.Show));

    public static Command Streams() => DeviceVerb.Create("streams", """
        Lists the streams: source, pack, policy, and the paths a frame can take.

        Examples:
          edgeroute streams
          edgeroute streams --json
        """, call => call.ShowAsync<DeviceDescription>(ControlMethod.Describe, null, ShowStreams));

    public static Command Journal() => DeviceVerb.Create("journal", """
        Lists changes: who changed what, when, from what to what, and what became of it.

        Examples:
          edgeroute journal
          edgeroute journal --limit 200 --json
        """, call => call.ShowAsync<JournalList>(ControlMethod.Journal, null, list => ShowJournal(list, call.Get(Limit))), Limit);

    private static void ShowStreams(DeviceDescription device)
    {
        Console.Out.WriteLine($"{device.Device}: {device.Board}, edgerouted {device.Version}, ONNX Runtime {device.OnnxRuntime}, config "
            + $"{device.ConfigPath}");
        var table = new TextTable("stream", "source", "pack", "task", "policy", ">deadline", "calibrated", "paths");
        foreach (var stream in device.Streams)
        {
            table.Add(
                stream.Name, stream.Address, stream.Pack, stream.Task, stream.Policy, FigureText.Ms(stream.DeadlineMs),
                stream.IsCalibrated ? "yes" : "no", string.Join(", ", stream.Nodes.Skip(1).Select(n => n.Path)));
        }

        table.Show("the device has no streams");
    }

    private static void ShowJournal(JournalList list, int limit)
    {
        var table = new TextTable(">no", "when", "who", "stream", "change", "outcome", "reason");
        foreach (var entry in list.Entries.TakeLast(limit))
        {
            string change = entry.Differences.Count == 0 ? entry.Method
                : string.Join("; ", entry.Differences.Select(d => $"{d.Name}: {d.Before} -> {d.After}"));
            table.Add($"{entry.Number}", FigureText.Date(entry.UtcNs), entry.Who, entry.Stream, change, entry.Outcome, entry.Reason);
        }

        table.Show("nothing was changed since the journal began");
    }
}
