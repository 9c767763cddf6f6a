using System.CommandLine;
using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;

namespace EdgeRoute.Cli.Top;

/// <summary><c>edgeroute top</c>: the device live on a terminal.</summary>
internal static class TopCommand
{
    private static readonly Option<bool> Ascii = new("--ascii") { Description = "draw with plain ASCII; chosen by itself where the "
        + "terminal is not UTF-8" };

    public static Command Create() => DeviceVerb.Create("top", """
        Shows the device live, and tunes it. Per stream the paths taken over time, latency against the deadline, budgets, price, audits;
        keys move the price with a preview of cost and quality, set budgets, floor, policy and lock, on trial if you like. ? shows the keys.

        Examples:
          edgeroute top
          edgeroute top --device robot3
          ssh robot3 edgeroute top --ascii
        """, RunAsync, Ascii);

    private static async Task<int> RunAsync(DeviceCall call)
    {
        if (Console.IsOutputRedirected || Console.IsInputRedirected || call.WantsJson)
        {
            call.Console.Say("top needs a terminal; 'edgeroute status --json' and 'edgeroute trace --json' are for programs (with "
                + "ssh, add -t)");
            return WorkConsole.Refused;
        }

        var glyphs = call.Get(Ascii) || !IsUtf8() ? Glyphs.Ascii : Glyphs.Unicode;
        bool hasColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "vt100");
        var dial = call.Dial;
        // A refusal is to be read on the terminal as it was, so the first connection is made before the screen is taken.
        await (await dial(call.Cancel)).DisposeAsync();
        await new TopSession(dial, DeviceFinder.NameOf(call.Get(DeviceVerb.Device)), glyphs, hasColour).RunAsync(call.Cancel);
        return WorkConsole.Done;
    }

    /// <summary>By the variables that say so, in the order in which the C library looks at them.</summary>
    private static bool IsUtf8()
    {
        string? language = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(Environment.GetEnvironmentVariable)
            .FirstOrDefault(v => !string.IsNullOrEmpty(v));
        return language is not null && language.Replace("-", "", StringComparison.Ordinal).Contains("utf8",
            StringComparison.OrdinalIgnoreCase);
    }
}
