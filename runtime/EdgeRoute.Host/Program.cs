using System.CommandLine;
using EdgeRoute.Host;
using EdgeRoute.Interop.Linux;

FileStatus.KeepToOwner();
if (MachineNeeds.FindLack() is { } lack)
{
    Console.Error.WriteLine($"edgerouted: {lack}");
    return ExitCodes.Missing;
}

var root = new RootCommand("EdgeRoute: runs vision models on a robot and decides frame by frame how much computation each frame deserves.");
root.Subcommands.Add(RunCommand.Create());
root.Subcommands.Add(DemoCommand.Create());
root.Subcommands.Add(CheckCommand.Create());
root.Subcommands.Add(DoctorCommand.Create());
root.Subcommands.Add(CamerasCommand.Create());
root.Subcommands.Add(InitCommand.Create());
root.Subcommands.Add(SchemaCommand.Create());
root.Subcommands.Add(PairCommand.Create());
root.Subcommands.Add(CaptureChildCommand.Create());
int exitCode = ExitCodes.Missing;
try
{
    var parsed = root.Parse(args);
    exitCode = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    // The parser's own code for a wrong command line is that of something missing.
    exitCode = parsed.Errors.Count > 0 ? ExitCodes.WrongConfig : exitCode;
}
#pragma warning disable CA1031 // What nobody foresaw is said in one line too; a stack trace tells an operator nothing.
catch (Exception failed)
#pragma warning restore CA1031
{
    var cause = failed.GetBaseException();
    Console.Error.WriteLine($"edgerouted: {cause.GetType().Name}: {cause.Message}");
}

// All that is this program's own is closed. The goodbyes of libraries are left out: a thread left behind in one of them would hold them up.
ProcessEnd.Now(exitCode);
return exitCode;
