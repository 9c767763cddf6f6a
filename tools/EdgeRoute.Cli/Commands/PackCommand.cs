using System.CommandLine;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute pack</c>: model packs on the device.</summary>
internal static class PackCommand
{
    private static readonly Argument<string> PackName = new("name") { Description = "name that the pack gets, as under 'packs' in a "
        + "device config" };
    private static readonly Argument<string> Manifest = new("manifest") { Description = "path of its manifest on the device" };
    private static readonly Option<string?> Files = new("--files") { Description = "folder of its model files on the device, where they "
        + "are not beside the manifest",
        HelpName = "FOLDER" };

    private static readonly Argument<string> LocalManifest = new("manifest") { Description = "the pack's manifest on this machine" };

    private static readonly Argument<string[]> UseWords = StreamArguments.WithValue("PACK", StreamSettings.Pack.Help);

    public static Command Create() => DeviceVerb.Group("pack", """
        Lists, loads and switches model packs without a restart.

        Examples:
          edgeroute pack list
          edgeroute pack load night /var/lib/edgeroute/packs/night/manifest.json
          edgeroute pack use front night --dry-run
        """,
        DeviceVerb.Create("list", """
            Lists the loaded packs with their paths, and the streams that run through them.

            Examples:
              edgeroute pack list
            """, call => call.ShowAsync<PackList>(ControlMethod.Packs, null, Show)),
        DeviceVerb.Create("load", """
            Loads a pack that lies on the device, beside those that run. Sessions are made and warmed up now, so that switching takes no
            time.

            Examples:
              edgeroute pack load night /var/lib/edgeroute/packs/night/manifest.json
            """, LoadAsync, PackName, Manifest, Files),
        DeviceVerb.Create("use", """
            Sends a stream's frames through another loaded pack, between two frames.

            Examples:
              edgeroute pack use night
              edgeroute pack use front night --dry-run
            """, UseAsync, UseWords, ChangeCall.DryRun, ChangeCall.Reason),
        DeviceVerb.Create("unload", """
            Gives the memory of a pack back that no stream uses.

            Examples:
              edgeroute pack unload night
            """, call => call.ShowAsync<DoneReply>(ControlMethod.PackUnload, new NamedRequest { Name = call.Get(PackName)! },
                DeviceCommands.ShowDone, DeviceClient.LongTimeLimit),
            PackName),
        Seal());

    private static Command Seal()
    {
        var command = new Command("seal", """
            Writes checksums of a manifest's blocks into it, so that whoever reads it finds damage, with its place. Again after each edit.

            Examples:
              edgeroute pack seal models/night/manifest.json
            """) { LocalManifest };
        command.SetAction(parsed =>
        {
            using var console = new WorkConsole();
            return console.Run(() => SealFile(parsed.GetValue(LocalManifest)!), "stopped");
        });
        return command;
    }

    private static int SealFile(string path)
    {
        byte[] json = DocumentFile.Read(path, PackReader.ManifestLimitBytes);
        File.WriteAllBytes(path, ManifestChecksums.Seal(json));
        Console.Out.WriteLine($"{path} is sealed; a calibration made for it before is told to be of another version");
        return WorkConsole.Done;
    }

    private static Task<int> UseAsync(DeviceCall call)
    {
        var (stream, pack) = StreamArguments.Split(call.Get(UseWords)!);
        return ChangeCall.SendAsync(call, stream, SettingParser.ReadOne(StreamSettings.Pack, pack));
    }

    private static Task<int> LoadAsync(DeviceCall call)
    {
        var request = new PackLoadRequest { Name = call.Get(PackName)!, ManifestPath = call.Get(Manifest)!, FilesFolder = call.Get(Files) };
        return call.ShowAsync<PackList>(ControlMethod.PackLoad, request, Show, DeviceClient.LongTimeLimit);
    }

    private static void Show(PackList list)
    {
        var table = new TextTable("pack", "title", "version", "streams", "paths", "manifest");
        list.Packs.ForEach(p => table.Add(p.Name, p.Title, p.Version, string.Join(", ", p.Streams.DefaultIfEmpty("none")),
            string.Join(", ", p.Paths), p.ManifestPath));
        table.Show("no pack is loaded");
    }
}
