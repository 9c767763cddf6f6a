using System.CommandLine;
using EdgeRoute.Host;
using EdgeRoute.Interop.Linux;

FileStatus.KeepToOwner();
var root = new RootCommand("EdgeRoute: runs vision models on a robot and decides frame by frame how much computation each frame deserves.");
root.Subcommands.Add(RunCommand.Create());
root.Subcommands.Add(DemoCommand.Create());
root.Subcommands.Add(CheckCommand.Create());
root.Subcommands.Add(DoctorCommand.Create());
root.Subcommands.Add(PairCommand.Create());
root.Subcommands.Add(CaptureChildCommand.Create());
return root.Parse(args).Invoke();
