using System.CommandLine;
using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Host;

/// <summary><c>edgerouted run CONFIG</c>: runs until every source has ended or a signal asks it to stop.</summary>
internal static class RunCommand
{
    private const string Output = "-";

    public static Command Create()
    {
        var config = new Argument<string>("config") { Description = "the device config (YAML)" };
        var frames = new Option<long>("--frames") { Description = "end after this many frames", DefaultValueFactory = _ => long.MaxValue };
        frames.Validators.Add(given =>
        {
            // As text: the value of what is no number throws, and would end the program as a fault of its own.
            if (given.Tokens is [var text] && !long.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                given.AddError($"--frames is {text.Value}; it must be a whole number, 0 or more");
            }
        });
        var annotate = new Option<string?>("--annotate") { Description = "write every frame into this folder as JPEG, with boxes or "
            + "labels, its path and why" };
        annotate.Validators.Add(given =>
        {
            if (given.GetValue(annotate) == Output)
            {
                given.AddError("--annotate is '-'; it needs a folder. Answers go to standard output: --answers -");
            }
        });
        var answers = new Option<string?>("--answers") { Description = "write every answer into this file, one JSON object a "
            + "line, or into a pipe or device; - for standard output, and all else then goes to standard error" };
        var json = new Option<bool>("--json") { Description = "the closing report as JSON on standard output; what happens meanwhile goes "
            + "to standard error" };
        var board = new BoardOptions();
        var quiet = new Option<bool>("--quiet") { Description = "no status line; warnings and the closing report only" };
        var command = new Command("run", """
            Runs the sources of a device config through their packs. Stops cleanly on SIGINT, SIGTERM and SIGHUP; where the config has
            'outputs' with files, SIGHUP opens those anew instead.
            Exit code 0: it ran to its end or was stopped. 1: something needed is missing or failed. 2: the config or a pack is refused.

            Examples:
              edgerouted run device-configs/demo.yaml
              edgerouted run robot.yaml --frames 500 --annotate frames --answers answers.jsonl
              edgerouted run robot.yaml --json > report.json
              edgerouted run robot.yaml --quiet --answers - | jq .end
              edgerouted run robot.yaml --board 'sim:orin-nano-15w?ambient=45&sun=20' --hours 24 --board-log day.csv
            """) { config, frames, annotate, answers, json, quiet };
        board.AddTo(command);
        command.SetAction(parse =>
        {
            if (board.IsGiven(parse))
            {
                using var simulated = new RunConsole(parse.GetValue(json), parse.GetValue(quiet));
                return board.Run(parse.GetRequiredValue(config), parse, simulated, parse.GetValue(json));
            }

            string? file = parse.GetValue(answers);
            bool takesOutput = file is Output or "/dev/stdout";
            using var output = takesOutput || WantsOutput(parse.GetRequiredValue(config)) ? OutputDescriptor.TakeStandardOutput() : null;
            using var console = new RunConsole(parse.GetValue(json), parse.GetValue(quiet), hasOutput: output is null);
            if (!TryOpenStream(takesOutput ? null : file, console, out var stream))
            {
                return ExitCodes.Missing;
            }

            using var ends = stream;
            var options = new EngineOptions(parse.GetValue(frames), parse.GetValue(annotate),
                takesOutput || stream is not null ? null : file, SimulatedSources.Schemes)
            {
                AnswersOutput = output, AnswersStream = stream is null ? null : new(file!, stream),
            };
            return Run(parse.GetRequiredValue(config), options, console);
        });
        return command;
    }

    /// <summary>Answers may go into a pipe or a device; anything else is left to be made as a file.</summary>
    private static bool TryOpenStream(string? path, RunConsole console, out OutputDescriptor? stream)
    {
        stream = null;
        try
        {
            stream = path is null ? null : OutputDescriptor.TryOpen(path);
            return true;
        }
        catch (IOException refused)
        {
            console.Refuse(refused.Message);
            return false;
        }
    }

    /// <summary>Whether the config has an output that goes to standard output, which must be free of all else from the start.</summary>
    private static bool WantsOutput(string path) =>
        DeviceConfigReader.ReadFile(path, checkPaths: false).Config?.Outputs.Any(o => o is JsonlOutputConfig { File: null }) ?? false;

    private static int Run(string path, EngineOptions options, RunConsole console)
    {
        using var runner = new EngineRunner(path, options, console.Report);
        var reading = runner.Read();
        if (reading.Config is not { } config)
        {
            console.Refuse(string.Join('\n', reading.Problems));
            return ExitCodes.WrongConfig;
        }

        console.ShowConfig(config);
        foreach (string doubt in EnvironmentText.Doubts(config))
        {
            console.Report(ReportLevel.Warning, doubt);
        }

        try
        {
            using var stop = new StopSignals(config.Outputs.Any(o => o is JsonlOutputConfig { File: not null }));
            var report = runner.Run(config, engine => new Watching(stop.Tell(engine), console.Watch(engine)));
            bool isFine = console.Close(report);
            if (report.LostReason is not null)
            {
                console.Dispose();
                ProcessEnd.Now(ExitCodes.Missing);
            }

            return isFine ? ExitCodes.Done : ExitCodes.Missing;
        }
        catch (BrokenInvariantException broken)
        {
            console.Refuse($"{broken.Message}; this is a fault of the program, and it ends here");
            return ExitCodes.Missing;
        }
        catch (EngineRefusedException refused)
        {
            console.Refuse(refused.Message);
            return refused.Cause == RefusalCause.Config ? ExitCodes.WrongConfig : ExitCodes.Missing;
        }
    }

    private sealed record Watching(IDisposable Stop, IDisposable Status) : IDisposable
    {
        public void Dispose()
        {
            Status.Dispose();
            Stop.Dispose();
        }
    }
}
