using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Simulation.Boards;

namespace EdgeRoute.Host;

/// <summary><c>edgerouted run CONFIG --board sim:NAME</c>: the config on a simulated board, in virtual time and without networks.</summary>
internal sealed class BoardOptions
{
    private const double HoursMost = 24 * 31, TurnSeconds = 60;

    private readonly Option<string?> _board = new("--board")
    {
        Description = "play the config on a simulated board, sim:NAME?ambient=45&sun=15&cost=6&sink=3.3&hour=0&seed=1&scenario=FILE; "
            + $"NAME is one of {BoardAddress.Names}",
    };

    private readonly Option<double> _hours = new("--hours")
    {
        Description = "with --board: simulated hours, above 0 to 744", DefaultValueFactory = _ => 24,
    };

    private readonly Option<string> _speed = new("--speed")
    {
        Description = "with --board: 'max', or how much faster than a clock time passes, such as 100x",
        DefaultValueFactory = _ => "max",
    };

    private readonly Option<string?> _log = new("--board-log")
    {
        Description = "with --board: write a line for each simulated minute into this file (CSV); - for standard output",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_board);
        command.Options.Add(_hours);
        command.Options.Add(_speed);
        command.Options.Add(_log);
        command.Validators.Add(given =>
        {
            if (given.GetValue(_board) is null && (given.GetResult(_hours)?.Implicit == false || given.GetResult(_speed)?.Implicit == false
                || given.GetValue(_log) is not null))
            {
                given.AddError("--hours, --speed and --board-log are of a simulated board; give --board sim:NAME too");
            }
        });
    }

    public bool IsGiven(ParseResult parse) => parse.GetValue(_board) is not null;

    public int Run(string path, ParseResult parse, RunConsole console, bool isJson)
    {
        var address = BoardAddress.Parse(parse.GetValue(_board)!, out string problem);
        double hours = parse.GetValue(_hours);
        problem = address is null || hours is > 0 and <= HoursMost ? problem
            : $"--hours is {hours}; give more than 0 and at most {HoursMost:0}";
        if (problem.Length == 0 && !TrySpeed(parse.GetRequiredValue(_speed), out _))
        {
            problem = $"--speed is '{parse.GetValue(_speed)}'; write max, or a number above 0 with an x, such as 100x";
        }

        var reading = DeviceConfigReader.ReadFile(path, checkPaths: false);
        if (problem.Length > 0 || reading.Config is not { } config)
        {
            console.Refuse(problem.Length > 0 ? problem : string.Join('\n', reading.Problems));
            return ExitCodes.WrongConfig;
        }

        _ = TrySpeed(parse.GetRequiredValue(_speed), out double speed);
        try
        {
            using var run = new BoardRun(config, address!, console.Report);
            using var stop = new StopSignals(writesFiles: false);
            Play(run, hours * 3600, speed, stop, console);
            return Close(run, parse, console, isJson);
        }
        catch (EngineRefusedException refused)
        {
            console.Refuse(refused.Message);
            return refused.Cause == RefusalCause.Config ? ExitCodes.WrongConfig : ExitCodes.Missing;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            console.Refuse($"the log cannot be written: {fault.Message}");
            return ExitCodes.Missing;
        }
    }

    private int Close(BoardRun run, ParseResult parse, RunConsole console, bool isJson)
    {
        string? log = parse.GetValue(_log);
        if (log is not null && log != "-")
        {
            File.WriteAllText(log, BoardTable.Of(run.Minutes));
        }

        if (log == "-")
        {
            console.Print(BoardTable.Of(run.Minutes).TrimEnd());
        }
        else
        {
            var report = run.Report();
            console.Print(isJson ? BoardText.ToJson(report) : BoardText.Of(report));
        }

        return run.IsOver ? ExitCodes.Missing : ExitCodes.Done;
    }

    /// <summary>A minute at a time, or less where a person is to watch it. What was played when somebody stops it is told.</summary>
    private static void Play(BoardRun run, double seconds, double speed, StopSignals stop, RunConsole console)
    {
        var clock = Stopwatch.StartNew();
        double turn = double.IsFinite(speed) ? Math.Min(TurnSeconds, Math.Max(speed / 5, 0.1)) : TurnSeconds;
        double told = 0;
        while (run.Seconds < seconds - 1e-6 && !run.IsOver && !stop.IsAsked)
        {
            run.Advance(Math.Min(turn, seconds - run.Seconds));
            double early = (run.Seconds / speed) - clock.Elapsed.TotalSeconds;
            if (early > 0)
            {
                Thread.Sleep(TimeSpan.FromSeconds(early));
            }

            if (clock.Elapsed.TotalSeconds - told >= 1)
            {
                told = clock.Elapsed.TotalSeconds;
                console.Say(BoardText.Status(run));
            }
        }
    }

    private static bool TrySpeed(string text, out double speed)
    {
        speed = double.PositiveInfinity;
        return text == "max" || (double.TryParse(text.TrimEnd('x'), CultureInfo.InvariantCulture, out speed) && speed > 0);
    }
}
