using System.CommandLine;
using System.CommandLine.Invocation;

namespace EdgeRoute.Cli.Output;

/// <summary>Prints <see cref="HelpText"/> for <c>--help</c>, and for a group of commands that was given none of them.</summary>
internal sealed class HelpPrinter : SynchronousCommandLineAction
{
    /// <summary>Where standard output is no terminal.</summary>
    private const int UsualWidth = 100;

    public override int Invoke(ParseResult parseResult)
    {
        int width = Console.IsOutputRedirected ? UsualWidth : Console.WindowWidth;
        foreach (string line in HelpText.Of(parseResult.CommandResult.Command, width))
        {
            parseResult.InvocationConfiguration.Output.WriteLine(line);
        }

        return WorkConsole.Done;
    }
}
