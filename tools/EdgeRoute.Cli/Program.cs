using System.CommandLine.Invocation;
using EdgeRoute.Cli;
using EdgeRoute.Cli.Output;

ScreenWriter.Guard();
var parsed = RootCommands.Create().Parse(args);
if (parsed.Action is not ParseErrorAction)
{
    return parsed.Invoke();
}

foreach (var error in parsed.Errors)
{
    Console.Error.WriteLine(error.Message);
}

Console.Error.WriteLine("'edgeroute --help' lists the commands, 'edgeroute COMMAND --help' has examples");
return WorkConsole.Refused;
