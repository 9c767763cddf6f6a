using System.CommandLine;
using EdgeRoute.Cli.Output;

namespace EdgeRoute.Cli.Commands;

/// <summary>
/// <c>edgeroute completion</c>: scripts that let a shell ask this program for completions, by the [suggest] directive of its command line
/// parser.
/// </summary>
internal static class CompletionCommand
{
    private static readonly Argument<string> Shell = new("shell") { Description = "bash, zsh or fish" };

    private const string Bash = """
        # edgeroute completions for bash: source this file, or put it into ~/.local/share/bash-completion/completions/edgeroute
        _edgeroute() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(edgeroute "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _edgeroute edgeroute
        """;

    private const string Zsh = """
        #compdef edgeroute
        # edgeroute completions for zsh: put this file as _edgeroute into a folder of $fpath, or source it after compinit
        _edgeroute() {
            local -a found
            found=("${(@f)$(edgeroute "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)}")
            compadd -- $found
            _files
        }
        compdef _edgeroute edgeroute
        """;

    private const string Fish = """
        # edgeroute completions for fish: put this file as edgeroute.fish into ~/.config/fish/completions
        function __edgeroute_complete
            set -l line (commandline -cp)
            edgeroute "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c edgeroute -a '(__edgeroute_complete)'
        """;

    public static Command Create()
    {
        Shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", """
            Prints a script that makes a shell complete commands and options.

            Examples:
              edgeroute completion bash > ~/.local/share/bash-completion/completions/edgeroute
              edgeroute completion zsh > ~/.zfunc/_edgeroute
              edgeroute completion fish > ~/.config/fish/completions/edgeroute.fish
            """) { Shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(ScriptOf(parsed.GetValue(Shell)!));
            return WorkConsole.Done;
        });
        return command;
    }

    public static string ScriptOf(string shell) => shell switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
}
