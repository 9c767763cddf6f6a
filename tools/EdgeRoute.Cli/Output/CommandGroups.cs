using System.CommandLine;

namespace EdgeRoute.Cli.Output;

/// <summary>The commands in the order in which they are needed, under the headings of the top-level help.</summary>
internal static class CommandGroups
{
    private static readonly (string Title, string[] Names)[] Groups =
    [
        ("Look", ["top", "ui", "status", "streams", "answers", "actions", "trace", "explain", "events", "journal", "snapshot", "doctor"]),
        ("Tune", ["budget", "price", "floor", "policy", "deadline", "max-age", "lock", "instruct", "episode", "pack",
            "trial", "source", "state", "stop", "release", "arm"]),
        ("Record and configure", ["record", "config", "shutdown", "export"]),
        ("Devices", ["flash", "upgrade", "uninstall", "pair", "devices", "clients"]),
        ("Workbench, without a device", ["import", "measure", "bench", "calibrate", "frontier", "episodes", "replay", "tabletop-data"]),
    ];

    /// <summary>Every visible command of the root once; those that no group names come last.</summary>
    public static IEnumerable<(string Title, IReadOnlyList<Command> Commands)> Of(Command root)
    {
        var left = root.Subcommands.Where(c => !c.Hidden).ToList();
        foreach (var (title, names) in Groups)
        {
            Command[] found = [.. names.Select(n => left.Find(c => c.Name == n)).OfType<Command>()];
            left.RemoveAll(found.Contains);
            yield return (title, found);
        }

        yield return ("Other", left);
    }
}
