using System.CommandLine;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Host;

/// <summary><c>edgerouted schema</c>: the JSON schema of device configs, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", """
            Writes the JSON schema of device configs, made of what this program's reader asks for. An editor with yaml-language-server (such
            as VS Code with the YAML extension) then completes and explains keys and underlines what is wrong, in a config that begins with

              # yaml-language-server: $schema=/usr/share/edgeroute/device.schema.json

            Exit code 0: written.

            Examples:
              edgerouted schema > device.schema.json
            """);
        command.SetAction(_ =>
        {
            Console.Out.Write(ConfigSchema.Text());
            return ExitCodes.Done;
        });
        return command;
    }
}
