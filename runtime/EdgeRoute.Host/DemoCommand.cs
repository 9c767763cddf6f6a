using System.CommandLine;
using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Simulation.Episodes;
using EdgeRoute.Simulation.PickPlace;

namespace EdgeRoute.Host;

/// <summary>
/// <c>edgerouted demo CONFIG</c>: the simulated arm at work, then the same tables with the heaviest path for every plan, then a picture of
/// it.
/// </summary>
internal static class DemoCommand
{
    private const double SecondsMost = 3600;

    public static Command Create()
    {
        var config = new Argument<string>("config") { Description = "a device config whose first source is the simulated arm" };
        var seconds = new Option<double>("--seconds") { Description = "how long the arm works, 1 to 3600", DefaultValueFactory = _ => 30 };
        var sheet = new Option<string?>("--sheet") { Description = "write a picture of a few episodes into this file (PNG)" };
        var command = new Command("demo", """
            Lets the simulated arm work for a while, at the camera's own pace, then runs the same tables again with the pack's fixed
            route for every plan, and compares success, device time and arithmetic. Exit codes as of `run`.

            Examples:
              edgerouted demo device-configs/demo.yaml
              edgerouted demo device-configs/demo.yaml --seconds 10 --sheet episodes.png
            """) { config, seconds, sheet };
        command.SetAction(parse => Run(parse.GetRequiredValue(config), parse.GetValue(seconds), parse.GetValue(sheet)));
        return command;
    }

    private static int Run(string path, double seconds, string? sheet)
    {
        var reading = DeviceConfigReader.ReadFile(path);
        if (reading.Config is not { } config || !(seconds is >= 1 and <= SecondsMost))
        {
            Console.Error.WriteLine(reading.Config is null ? string.Join('\n', reading.Problems)
                : $"--seconds {seconds}: must be 1 to {SecondsMost:0}");
            return ExitCodes.WrongConfig;
        }

        var console = new RunConsole(isJson: false, isQuiet: false);
        try
        {
            using var stop = new StopSignals();
            return new Demo(config, console, stop).Run(seconds, sheet) ? ExitCodes.Done : ExitCodes.Missing;
        }
        catch (EngineRefusedException refused)
        {
            console.Report(ReportLevel.Warning, refused.Message);
            return refused.Cause == RefusalCause.Config ? ExitCodes.WrongConfig : ExitCodes.Missing;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            console.Report(ReportLevel.Warning, failed.Message);
            return ExitCodes.Missing;
        }
    }

    private sealed class Demo(DeviceConfig config, RunConsole console, StopSignals stop)
    {
        private EpisodeFilm? _film;
        private ContactSheet? _sheet;

        public bool Run(double seconds, string? sheet)
        {
            if (sheet is not null)
            {
                // A folder that cannot be made is told before the work, not after.
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(sheet))!);
            }

            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"the arm works for {seconds:0} seconds; Ctrl-C ends it earlier"));
            string policy = config.Sources[0].Policy.Kind.ToString().ToLowerInvariant();
            var live = Play(config, policy, (engine, arm) =>
            {
                _film = new EpisodeFilm(arm);
                engine.Consumers.Add(_film);
                _sheet = new ContactSheet(engine.Streams[0].Router.Tree);
                return new Timer(_ => engine.Stop(), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
            });
            if (live.All.EpisodeCount == 0)
            {
                Console.Error.WriteLine("no episode has ended; let it work longer (--seconds)");
                return false;
            }

            Compare(policy, live);
            if (sheet is not null)
            {
                File.WriteAllBytes(sheet, _sheet!.DrawPng(_film!.Close(), $"EdgeRoute: {live.All}, policy {live.Policy}"));
                Console.Out.WriteLine($"contact sheet: {sheet}");
            }

            return true;
        }

        /// <summary>
        /// The same tables, as fast as they go, by the policy and by the heaviest path: a core that waits for a camera is slower per plan
        /// than one that never rests.
        /// </summary>
        private void Compare(string policy, EpisodeSummary live)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"at the camera's pace: {live.All}, {live.DeviceMs:0.00} ms of device time an episode"));
            if (stop.IsAsked)
            {
                return;
            }

            int episodes = live.All.EpisodeCount;
            Console.Error.WriteLine($"the same {episodes} tables again without waiting for the camera, by the policy, then with the "
                + "heaviest path for every plan");
            var routed = Play(EpisodeRun.Again(config, episodes, isFixedRoute: false), policy, (_, _) => null, isAgain: true);
            var heavy = Play(EpisodeRun.Again(config, episodes, isFixedRoute: true), "always heavy", (_, _) => null, isAgain: true);
            Console.Out.WriteLine(EpisodeText.Compare(routed, heavy));
        }

        private EpisodeSummary Play(DeviceConfig played, string name, Func<RunningEngine, PickPlaceSource, IDisposable?> watch,
            bool isAgain = false)
        {
            // What the engine found on this machine was said the first time.
            var run = new EpisodeRun(played,
                isAgain ? (level, text) => console.Report(level == ReportLevel.Warning ? level : ReportLevel.Detail, text) : console.Report)
            {
                Watch = (engine, arm) => new Together([stop.Tell(engine), console.Watch(engine), watch(engine, arm)]),
            };
            return run.Run(name);
        }
    }

    private sealed record Together(IReadOnlyList<IDisposable?> Parts) : IDisposable
    {
        public void Dispose()
        {
            foreach (var part in Parts)
            {
                part?.Dispose();
            }
        }
    }
}
