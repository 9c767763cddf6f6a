using System.CommandLine;
using EdgeRoute.Cli;

var root = new RootCommand("EdgeRoute on the laptop: calibrates packs to your footage, compares policies, decides recordings again and explains them, writes training data.")
{
    CalibrateCommand.Create(), FrontierCommand.Create(), ReplayCommand.Create(), ExplainCommand.Create(), TabletopDataCommand.Create(),
};
return root.Parse(args).Invoke();
