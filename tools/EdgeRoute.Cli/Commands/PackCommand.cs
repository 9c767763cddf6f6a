using System.CommandLine;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Configs;
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

    private static readonly Argument<string?> LocalFolder = new("folder") { Description = "a folder of packs on this machine; without it: "
        + "the device's", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Argument<string[]> UseWords = StreamArguments.WithValue("PACK", StreamSettings.Pack.Help);

    public static Command Create() => DeviceVerb.Group("pack", """
        Makes model packs on this machine, looks at, quantizes and splits them; lists, loads, measures and switches those of a device
        without a restart.

        Examples:
          edgeroute pack import yolov8n.onnx --picture street.jpg
          edgeroute pack verify packs/night
          edgeroute pack export packs/night night.tar.gz
          edgeroute pack choose --packs packs/nano packs/small --source monday.mp4 --under "latency_p95<=30ms"
          edgeroute pack quantize packs/night --source monday.mp4
          edgeroute pack split vit_small.onnx --source pictures
          edgeroute pack list
          edgeroute pack load night /var/lib/edgeroute/packs/night/manifest.json
          edgeroute pack use front night --dry-run
          edgeroute pack measure front --store
        """,
        DeviceVerb.Create("list", """
            Lists the packs that a device has loaded, with their paths and the streams that run through them. With a folder of this machine:
            the packs in it.

            Examples:
              edgeroute pack list
              edgeroute pack list packs
            """, call => call.Get(LocalFolder) is { } folder ? Task.FromResult(LocalPackCommands.List(folder, call.WantsJson))
                : call.ShowAsync<PackList>(ControlMethod.Packs, null, Show), LocalFolder),
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
        PackMeasureCommand.Create(), LocalPackCommands.Inspect(), LocalPackCommands.Verify(), LocalPackCommands.Export(),
        LocalPackCommands.Seal(),
        ImportCommand.Create(), ChooseCommand.Create(), QuantizeCommand.Create(), SplitCommand.Create());

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
