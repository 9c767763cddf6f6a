using System.CommandLine;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary>Sends a change of settings and shows what it does, or with <c>--dry-run</c> what it would do.</summary>
internal static class ChangeCall
{
    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "say what would change, and change nothing" };

    public static readonly Option<string?> Reason = new("--reason") { Description = "why, for the device's journal", HelpName = "TEXT" };

    public static async Task<int> SendAsync(DeviceCall call, string stream, SettingSet set)
    {
        var request = new ChangeRequest { Stream = stream, Set = set, IsDryRun = call.Get(DryRun), Reason = call.Get(Reason) ?? "" };
        return await call.ShowAsync<ChangeReply>(ControlMethod.Change, request, reply => Show(reply, request.IsDryRun));
    }

    public static void Show(ChangeReply reply, bool isDryRun)
    {
        string lead = isDryRun ? "would change: " : "";
        foreach (var difference in reply.Differences)
        {
            Console.Out.WriteLine($"{lead}{difference.Name}: {difference.Before} -> {difference.After}");
        }

        if (reply.Differences.Count == 0)
        {
            Console.Out.WriteLine("nothing changes: the device stands so already");
        }

        reply.Effects.ForEach(e => Console.Out.WriteLine("  " + e));
        if (reply.JournalNumber > 0)
        {
            Console.Out.WriteLine($"journal number {reply.JournalNumber}");
        }
    }
}
