using System.Text;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.TestBench.Messages;

namespace EdgeRoute.TestBench.Fuzzing;

/// <summary>
/// One reader of bytes that others wrote. Refusals in the reader's own words are well; whatever else comes out of <see cref="Take"/> is a
/// fault.
/// </summary>
/// <param name="Seeds">Files of the repository to begin with, by pattern of their path in it; null where the target makes its own.</param>
/// <param name="Take">Reads the bytes; a folder of its own is at hand.</param>
internal sealed record FuzzTarget(string Name, string[]? Seeds, Action<byte[], string> Take)
{
    /// <summary>The repository's root, from which the programs of this project are run.</summary>
    public static string Repository { get; } = Environment.GetEnvironmentVariable("EDGEROUTE_REPOSITORY") ?? Environment.CurrentDirectory;

    private static readonly Lazy<(Pack Pack, RouteTree Tree)> Shapes = new(() =>
    {
        var pack = PackReader.Read(Path.Combine(Repository, "models", "shapes", "manifest.json"));
        return (pack, new RouteTree(pack.Graph));
    });

    private static readonly Lazy<ReplyTarget> Replies = new(() => new ReplyTarget());

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("config", ["device-configs/*.yaml", "device-configs/examples/*.yaml"], Config),
        new("manifest", ["models/*/manifest.json", "tests/fixtures/packs/*/manifest.json"], Manifest),
        new("calibration", ["models/*/calibration.json"], Calibration),
        new("recording", ["tests/fixtures/protocol/*.erec"], Recording),
        new("journal", null, Journal),
        new("clients", null, Clients),
        new("wire", null, Wire),
        new("jpeg", ["tests/fixtures/jpeg/*.jpg"], Jpeg),
        new("picture", null, Picture),
        new("address", null, Address),
        new("reply", null, Reply),
    ];

    /// <summary>Writes what the target begins with into a folder.</summary>
    public void WriteSeeds(string folder)
    {
        int count = 0;
        foreach (byte[] seed in Seeds is { } patterns ? patterns.SelectMany(FilesOf).Select(File.ReadAllBytes) : Made())
        {
            File.WriteAllBytes(Path.Combine(folder, $"seed-{count++}"), seed);
        }
    }

    private static IEnumerable<string> FilesOf(string pattern)
    {
        string[] parts = pattern.Split('/');
        IEnumerable<string> folders = [Repository];
        foreach (string part in parts[..^1])
        {
            folders = folders.SelectMany(f => Directory.EnumerateDirectories(f, part));
        }

        return folders.SelectMany(f => Directory.EnumerateFiles(f, parts[^1])).Order(StringComparer.Ordinal);
    }

    private IEnumerable<byte[]> Made() => Name switch
    {
        "wire" => CodecTarget.Seeds,
        "reply" => ReplyTarget.Seeds,
        "picture" => [Pictures.EncodePng(new byte[48], 4, 4), "GIF89a\u0001\0\u0001\0\0\0\0;"u8.ToArray(), "BM"u8.ToArray(),
            "II*\0\b\0\0\0\0\0\0\0"u8.ToArray(),
            "RIFF\u0010\0\0\0WEBPVP8L"u8.ToArray()],
        "journal" => ["""{"number":1,"utc":"2026-01-02T03:04:05Z","who":"a","method":"change","outcome":"applied"}"""u8.ToArray()],
        "clients" => ["""{"version":1,"clients":[]}"""u8.ToArray(), Encoding.UTF8.GetBytes($$"""
            {"version":1,"clients":[{"name":"bench","fingerprint":"{{new string('a', 64)}}","role":"admin",
            "paired_utc":"2026-01-02T03:04:05Z"}]}
            """)],
        _ => ["rtsp://user:pass@camera:554/a?token=b"u8.ToArray(),
            "rtspsrc location=rtsp://a user-id=b user-pw=c ! fakesink"u8.ToArray(), "/videos/a.mp4"u8.ToArray(),
            "sim://tabletop?seed=3&width=160"u8.ToArray(), "v4l2:///dev/video0?format=MJPG"u8.ToArray()],
    };

    /// <summary>What is read is written and read again, and says the same.</summary>
    private static void Config(byte[] bytes, string folder)
    {
        string path = Written(folder, "device.yaml", bytes);
        if (DeviceConfigReader.ReadFile(path, checkPaths: false).Config is { } config)
        {
            string text = config.Effective();
            var again = DeviceConfigReader.ReadText(text, path, checkPaths: false);
            if (again.Config?.HashText() != config.HashText())
            {
                throw new InvalidOperationException($"the effective config says otherwise: {string.Join("; ", again.Problems)}\n{text}");
            }
        }
    }

    private static void Manifest(byte[] bytes, string folder) =>
        Refusing<PackRefusedException>(() => PackReader.Read(Written(folder, "manifest.json", bytes)));

    private static void Calibration(byte[] bytes, string folder) =>
        Refusing<ArgumentException>(() => CalibrationFile.Read(Written(folder, "calibration.json", bytes), Shapes.Value.Pack,
            Shapes.Value.Tree));

    private static void Recording(byte[] bytes, string folder)
    {
        var reader = new RecordReader(new MemoryStream(bytes));
        while (reader.Read())
        {
        }
    }

    /// <summary>An entry that is added to whatever there was is found again.</summary>
    private static void Journal(byte[] bytes, string folder)
    {
        Written(folder, JournalFile.FileName, bytes);
        long number;
        using (var journal = new JournalFile(folder))
        {
            number = journal.Note(new JournalEntry { Who = "fuzz", Method = "note", Outcome = "done" });
        }

        using var again = new JournalFile(folder);
        if (again.LastNumber != number)
        {
            throw new InvalidOperationException($"entry {number} was written, and {again.LastNumber} is the last one read");
        }

        foreach (string file in Directory.EnumerateFiles(folder))
        {
            File.Delete(file);
        }
    }

    private static void Clients(byte[] bytes, string folder)
    {
        PrivateFile.Write(Path.Combine(folder, ClientStore.FileName), "");
        Written(folder, ClientStore.FileName, bytes);
        Refusing<TrustException>(() => ClientStore.Load(folder));
    }

    private static void Wire(byte[] bytes, string folder) => Refusing<MessagePackException>(() => new CodecTarget().Take(bytes));

    private static void Reply(byte[] bytes, string folder) => Replies.Value.Take(bytes);

    private static void Jpeg(byte[] bytes, string folder)
    {
        ExifOrientation.Read(bytes);
        using var unpacker = new JpegUnpacker(acceptsDamaged: (bytes.Length & 1) != 0);
        using var slot = new FrameSlot();
        unpacker.TryUnpack(bytes, 64, 64, slot);
    }

    private static void Picture(byte[] bytes, string folder) => Pictures.TryDecode(new MemoryStream(bytes), out _);

    private static void Address(byte[] bytes, string folder)
    {
        string text = Encoding.Latin1.GetString(bytes);
        string hidden = AddressText.WithoutSecrets(text);
        CaptureAddress.TryParse(text, out _, out _);
        if (AddressText.WithoutSecrets(hidden) != hidden)
        {
            throw new InvalidOperationException($"'{hidden}' is hidden once more as '{AddressText.WithoutSecrets(hidden)}'");
        }
    }

    private static string Written(string folder, string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void Refusing<T>(Action take) where T : Exception
    {
        try
        {
            take();
        }
        catch (T)
        {
            // In its own words: well.
        }
    }
}
