using System.CommandLine;
using EdgeRoute.Cli;

var root = new RootCommand("EdgeRoute on the laptop: data for training now.") { TabletopDataCommand.Create() };
return root.Parse(args).Invoke();
