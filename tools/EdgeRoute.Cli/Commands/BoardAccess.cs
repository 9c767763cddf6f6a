using System.CommandLine;
using EdgeRoute.Cli.Output;
using EdgeRoute.Workbench.Flashing;

namespace EdgeRoute.Cli.Commands;

/// <summary>What the commands have in common that reach a board by ssh: address, keys, and questions to a person.</summary>
internal static class BoardAccess
{
    public static readonly Argument<string> Host = new("host") { Description = "the board, as ssh names it",
        HelpName = "[USER@]HOST[:PORT]" };
    public static readonly Option<string?> Fingerprint = new("--fingerprint") { Description = "key of a board that this laptop's ssh does "
        + "not know yet, taken without asking", HelpName = "SHA256:..." };
    public static readonly Option<string?> Identity = new("--identity", "-i") { Description = "a key file; default: those of the ssh-agent "
        + "and of ~/.ssh", HelpName = "FILE" };
    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "look at the board and say what would be done; change "
        + "nothing" };
    public static readonly Option<bool> Yes = new("--yes", "-y") { Description = "do not ask before it begins" };
    public static readonly Option<bool> Json = new("--json") { Description = "what was found and done as JSON on standard output" };

    /// <summary>Comes in, asks the board about itself, and makes sure that root is to be had.</summary>
    /// <exception cref="IOException">The board is not reached, or root is not to be had.</exception>
    /// <exception cref="ArgumentException">Its key is not the one known, or was not agreed to.</exception>
    public static async Task<(SshLink Link, BoardFacts Facts)> OpenAsync(ParseResult parsed, WorkConsole console)
    {
        var address = SshAddress.Parse(parsed.GetValue(Host)!);
        var trust = new SshTrust((question, isSecret) => Ask(console, question, isSecret))
        {
            Fingerprint = parsed.GetValue(Fingerprint), KeyFile = parsed.GetValue(Identity),
        };
        var link = await SshLink.OpenAsync(address, trust, console.Cancel);
        try
        {
            return (link, await link.LookAsync(trust, console.Cancel));
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Whether the person agrees; who cannot be asked has to say --yes.</summary>
    public static bool IsAgreed(ParseResult parsed, WorkConsole console, string question)
    {
        if (parsed.GetValue(Yes))
        {
            return true;
        }

        string? answer = Ask(console, question + " (y/N) ", isSecret: false);
        if (answer is null)
        {
            console.Say("nobody can be asked here: say --yes");
        }

        return answer?.Trim() is "y" or "yes";
    }

    private static string? Ask(WorkConsole console, string question, bool isSecret)
    {
        if (Console.IsInputRedirected)
        {
            return null;
        }

        console.Say("");
        Console.Error.Write(question);
        if (!isSecret)
        {
            return Console.In.ReadLine();
        }

        var typed = new System.Text.StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (key.KeyChar >= ' ')
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
