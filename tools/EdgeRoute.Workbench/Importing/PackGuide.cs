using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Workbench.Importing;

/// <summary>What stands beside an imported manifest for people: a device config that runs the pack, and a page about it.</summary>
internal static class PackGuide
{
    public const string ConfigName = "device.yaml", PageName = "README.md";

    /// <summary>What a camera on a robot mostly is; the config says where to write another one.</summary>
    private const string UsualCamera = "v4l2:///dev/video0";

    /// <summary>The address of a Unix socket holds 107 bytes (unix(7)); a pack that lies deeper gets no channel.</summary>
    private const int SocketLengthMost = 100;

    private static readonly JsonSerializerOptions Quoting = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes what is not there yet; what somebody may have changed is written over only where the whole pack is.</summary>
    /// <returns>The config's path.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <param name="maker">The command that made the pack.</param>
    public static string Write(ImportRequest request, string folder, string page, string maker = "edgeroute import")
    {
        var pack = PackReader.Read(folder);
        string config = Path.Combine(folder, ConfigName);
        Put(request, config, Config(request, pack, folder));
        Put(request, Path.Combine(folder, PageName), $"""
            # {pack.Name}

            {pack.Title}. Made by `{maker}`; licence {pack.Licence.Spdx}.

            ```sh
            edgerouted check {ConfigName}                          # every problem at once
            edgerouted run {ConfigName} --annotate frames          # every frame with its answer drawn into it
            edgeroute measure .                                  # what a frame costs on this machine
            edgeroute pack verify .                              # are the files still those that were imported?
            ```

            {page}
            """ + "\n");
        return config;
    }

    /// <summary>What was guessed, as a list; where nothing was, a sentence that says so.</summary>
    public static string Guesses(IEnumerable<ImportGuess> guesses)
    {
        string[] lines = [.. guesses.Select(g => $"- {g.What}: {g.Value}. To change: {g.Change}")];
        return lines.Length == 0 ? "Nothing was guessed: the model told all of it." : "Guessed, because the model does not tell:\n\n"
            + string.Join('\n', lines);
    }

    private static string Config(ImportRequest request, Pack pack, string folder)
    {
        string open = request.HasFootage ? Path.GetFullPath(request.Source!) : request.Source ?? UsualCamera;
        string kind = pack.Cascade is null ? $"fixed, path: \"{pack.FixedRoute}\"" : "cascade";
        string policy = pack.Stages.Count == 1 ? "" : $"\n    policy: {{ kind: {kind} }}";
        string name = KeyOf(pack.Name), socket = Path.Combine(folder, "control.sock");
        string control = Encoding.UTF8.GetByteCount(socket) > SocketLengthMost ? "" : """


            control:             # edgeroute top --device unix:control.sock; laptops need 'tcp' and 'state' too
              unix: control.sock
              tcp: none
            """;
        return $"""
            # Runs the pack of this folder: edgerouted run {ConfigName}. Paths are relative to this file.
            packs:
              "{name}": {"{"} manifest: {PackWriter.ManifestName} {"}"}

            sources:
              camera:
                open: {JsonSerializer.Serialize(open, Quoting)}    # a video, a picture, a folder of them, rtsp:// or v4l2:///dev/videoN
                pack: "{name}"{policy}{control}
            """ + "\n";
    }

    /// <summary>Keys of a device config hold no points and are shorter than names of packs.</summary>
    private static string KeyOf(string name)
    {
        string key = name.Replace('.', '-').TrimStart('-', '_');
        return key.Length == 0 ? "model" : key[..Math.Min(key.Length, ConfigLimits.NameLength)];
    }

    private static void Put(ImportRequest request, string path, string text)
    {
        if (request.Replaces || !File.Exists(path))
        {
            File.WriteAllText(path, text);
        }
    }
}
