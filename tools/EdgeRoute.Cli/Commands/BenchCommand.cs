using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Benching;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute bench</c>: how many frames a second a device config can take, and how long answers take.</summary>
internal static class BenchCommand
{
    private const double SecondsMost = 600, RateMost = 10_000;

    public static Command Create()
    {
        var config = new Argument<string>("config") { Description = "the device config (YAML)" };
        var rates = new Option<double[]>("--rates")
        {
            Description = "frames per second of each source at which latency is measured; default: 25, 50, 75 and 90 % of the top rate",
            AllowMultipleArgumentsPerToken = true,
        };
        var onlyRates = new Option<bool>("--no-search") { Description = "do not look for the top rate; needs --rates" };
        var seconds = new Option<double>("--seconds") { Description = "how long each rate is looked at; longer where frames are few",
            DefaultValueFactory = _ => 3 };
        var plot = new Option<string?>("--plot") { Description = "draw latencies over the rates: NAME.svg and NAME.png",
            HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "everything as JSON on standard output" };
        var command = new Command("bench", """
            Runs the engine of a device config on this machine, with cameras that play frames of its sources from memory at a rate of
            choice. Finds the top rate, at which fewer than 5 % of the frames are dropped, by bisection; then tells latencies from capture
            to publish at fixed rates, path by path. Writes no trace and no recording, and opens no control channel.

            Exit code: 0 done; 1 something is missing or failed; 2 the config or an option is refused; 130 stopped, what was measured is
            shown.

            Examples:
              edgeroute bench device-configs/examples/shapes.yaml
              edgeroute bench robot.yaml --rates 10 15 30 --seconds 10 --plot out/latency
              edgeroute bench robot.yaml --rates 30 --no-search --json > bench.json
            """) { config, rates, onlyRates, seconds, plot, json };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() =>
            {
                var choice = new BenchChoice(parsed.GetRequiredValue(config), parsed.GetValue(rates) ?? [], !parsed.GetValue(onlyRates),
                    parsed.GetValue(seconds));
                Check(choice);
                console.Begin($"starting the engine of {choice.Config}");
                var report = BenchRun.Run(choice, console.Report, console.Show, console.Cancel);
                if (parsed.GetValue(json))
                {
                    Console.Out.WriteLine(report.ToJson());
                }
                else
                {
                    BenchText.Show(report);
                }

                if (parsed.GetValue(plot) is { } name)
                {
                    new BenchPlot(report).Write(name);
                    console.Say($"wrote {name}.svg and {name}.png");
                }

                console.Cancel.ThrowIfCancellationRequested();
                return WorkConsole.Done;
            }, "stopped; what is shown was measured so far");
        });
        return command;
    }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    private static void Check(BenchChoice choice)
    {
        if (choice.Rates.Any(r => r is not (> 0 and <= RateMost)))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"--rates is {string.Join(' ', choice.Rates)}; rates are above 0, and {RateMost} frames per second at most"));
        }

        if (!choice.LooksForTop && choice.Rates.Count == 0)
        {
            throw new ArgumentException("--no-search leaves nothing to do without --rates, such as --rates 10 30");
        }

        if (choice.Seconds is not (> 0 and <= SecondsMost))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"--seconds is {choice.Seconds}; it must be above 0, and {SecondsMost} at most"));
        }
    }
}
