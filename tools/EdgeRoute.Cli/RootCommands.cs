using System.CommandLine;
using System.CommandLine.Help;
using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Output;
using EdgeRoute.Cli.Page;
using EdgeRoute.Cli.Top;

namespace EdgeRoute.Cli;

/// <summary>The whole command line.</summary>
internal static class RootCommands
{
    public static RootCommand Create()
    {
        var root = new RootCommand("""
            Sees, understands and tunes devices that run EdgeRoute, and prepares packs for them.

            Examples:
              edgeroute flash nvidia@robot.local
              edgeroute pair robot.local
              edgeroute top
              edgeroute budget try device_ms=6 --p99 33
              edgeroute explain --late
            """)
        {
            TopCommand.Create(), UiCommand.Create(), StatusCommands.Status(), StatusCommands.Streams(), AnswersCommand.Create(),
            ActionsCommand.Create(), TraceCommand.Create(), ExplainCommand.Create(),
            EventsCommand.Create(), StatusCommands.Journal(),
            DeviceCommands.Snapshot(), DeviceCommands.Doctor(),
            BudgetCommand.Create(), SettingCommands.Price(), SettingCommands.Floor(), SettingCommands.Policy(), SettingCommands.Deadline(),
            SettingCommands.MaxAge(), SettingCommands.Lock(), SettingCommands.Instruct(),
            PackCommand.Create(), TrialCommand.Create(), SourceCommand.Create(), DeviceCommands.Episode(),
            StateCommand.Create(), ArmCommand.Create(), StopCommands.Stop(), StopCommands.Release(),
            RecordCommand.Create(), ConfigCommand.Create(), DeviceCommands.Shutdown(), ExportCommand.Create(), FilmCommand.Create(),
            FlashCommand.Create(), UpgradeCommand.Create(), UninstallCommand.Create(),
            PairCommand.Create(), DevicesCommand.Create(), DeviceCommands.Clients(),
            ImportCommand.Create(), MeasureCommand.Create(), BenchCommand.Create(), CalibrateCommand.Create(), FrontierCommand.Create(),
            EpisodesCommand.Create(), ReplayCommand.Create(),
            TabletopDataCommand.Create(), CompletionCommand.Create(),
        };
        root.Action = new HelpPrinter();
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpPrinter();
            // Completions would offer the ways of another system as well.
            help.Aliases.Remove("/h");
            help.Aliases.Remove("/?");
            help.Description = "show help; 'edgeroute COMMAND --help' has examples";
        }

        return root;
    }
}
