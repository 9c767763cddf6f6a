using System.CommandLine;
using EdgeRoute.Cli;

var root = new RootCommand("EdgeRoute on the laptop: calibrates packs to your footage, compares policies, writes training data.") { TabletopDataCommand.Create(), CalibrateCommand.Create(), FrontierCommand.Create() };
return root.Parse(args).Invoke();
