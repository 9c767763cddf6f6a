using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Sweeping;

namespace EdgeRoute.Workbench.Sweeps;

/// <summary>
/// A folder with the parts of one sweep: each run of the tool adds a recording file with the frames that were still missing, so a sweep
/// that was interrupted, however rudely, goes on where it stopped. Files are never changed.
/// </summary>
internal sealed class SweepFolder
{
    /// <summary>Parts of one sweep: nobody interrupts one more often.</summary>
    private const int PartLimit = 1000;

    private readonly string _path;

    public SweepFolder(string path) => _path = Path.GetFullPath(path);

    /// <summary>
    /// All frames of all good parts, by sequence. Parts of another pack, another source or another route tree are refused.
    /// </summary>
    /// <exception cref="InvalidDataException">A part does not belong here; the message names it.</exception>
    public SortedDictionary<long, SweptFrame> Read(SessionStart wanted, TaskKind task)
    {
        var frames = new SortedDictionary<long, SweptFrame>();
        foreach (string part in Parts())
        {
            using var file = File.OpenRead(part);
            var reader = new RecordReader(file);
            while (reader.Read())
            {
                if (reader.Kind == RecordKind.SessionStart)
                {
                    CheckSame(reader.Session!, wanted, part);
                }

                if (reader.Kind == RecordKind.SweptFrame)
                {
                    var frame = ReadFrame(reader, task, part);
                    frames[frame.Stamp.Sequence] = frame;
                }
            }
        }

        return frames;
    }

    /// <summary>Starts the next part.</summary>
    public FileStream CreatePart()
    {
        Directory.CreateDirectory(_path);
        for (int i = 1; i <= PartLimit; i++)
        {
            string name = Path.Combine(_path, FormattableString.Invariant($"part-{i:000}{RecordingFormat.Extension}"));
            if (!File.Exists(name))
            {
                return new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            }
        }

        throw new IOException($"{_path} has {PartLimit} parts; remove the folder to sweep anew.");
    }

    private IEnumerable<string> Parts() =>
        Directory.Exists(_path) ? Directory.EnumerateFiles(_path, "part-*" + RecordingFormat.Extension).Order(StringComparer.Ordinal) : [];

    private static SweptFrame ReadFrame(RecordReader reader, TaskKind task, string part) =>
        SweptFrameCodec.TryDecode(reader.Payload, task, out var frame, out string problem)
            ? frame
            : throw new InvalidDataException($"{part}: a swept frame at byte {reader.OffsetBytes} cannot be read: {problem}");

    private static void CheckSame(SessionStart found, SessionStart wanted, string part)
    {
        if (FindDifference(found.Sources[0], wanted.Sources[0]) is { } difference)
        {
            throw new InvalidDataException($"{part} is a sweep {difference}; give another --sweep folder, or remove this one.");
        }
    }

    private static string? FindDifference(SessionSource found, SessionSource wanted)
    {
        if (!found.ManifestHash.Span.SequenceEqual(wanted.ManifestHash.Span))
        {
            return $"of another version of pack '{found.PackName}'";
        }

        return found.Address != wanted.Address ? $"of source '{found.Address}'" : null;
    }
}
