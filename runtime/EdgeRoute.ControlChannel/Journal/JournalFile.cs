using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Journal;

/// <summary>
/// Every change of the device, one JSON object a line, on the disk before the change is answered. Numbers go on after a restart. A last
/// line that was cut by a power failure is kept aside, so that the next one does not run into it. Any thread.
/// </summary>
public sealed class JournalFile : IDisposable
{
    public const string FileName = "journal.jsonl";

    /// <summary>Entries remembered for <c>journal.list</c>.</summary>
    public const int RecentCount = 200;

    /// <summary>Of a large journal only the end is read at start: 200 entries of a kilobyte each, four times over.</summary>
    private const int TailBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _recent = new();
    private readonly TimeProvider _clock;
    private readonly FileStream? _file;

    /// <param name="folder">The state folder; null remembers the latest entries only.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public JournalFile(string? folder, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        if (folder is null)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        _file = new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        ReadBack(folder);

        // A journal that was made just now, and a torn line put aside, are names in the folder.
        PrivateFile.Settle(_file.Name);
        _file.Seek(0, SeekOrigin.End);
    }

    /// <summary>Number of the newest entry; 0 before the first.</summary>
    public long LastNumber { get; private set; }

    /// <summary>What was found wrong at start and put aside; null where all was well.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Numbers the entry, dates it and writes it through to the disk.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="IOException">The disk refused; the entry is not remembered.</exception>
    public long Append(JournalEntry entry)
    {
        lock (_gate)
        {
            (entry.Number, entry.UtcNs) = (LastNumber + 1, _clock.UtcNs());
            if (_file is { } file)
            {
                long at = file.Position;
                try
                {
                    file.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry), (byte)'\n']);
                    file.Flush(flushToDisk: true);
                }
                catch (IOException)
                {
                    Cut(file, at);
                    throw;
                }
            }

            LastNumber = entry.Number;
            Remember(entry);
            return entry.Number;
        }
    }

    /// <summary>The latest entries, oldest first.</summary>
    public List<JournalEntry> Recent()
    {
        lock (_gate)
        {
            return [.. _recent];
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>Half a line on a full disk would spoil the next one.</summary>
    private static void Cut(FileStream file, long at)
    {
        try
        {
            file.SetLength(at);
            file.Position = at;
        }
        catch (IOException)
        {
            // The disk refuses this too: the torn line is found and kept aside at the next start.
        }
    }

    private void ReadBack(string folder)
    {
        long start = Math.Max(0, _file!.Length - TailBytes);
        var bytes = new byte[_file.Length - start];
        _file.Seek(start, SeekOrigin.Begin);
        _file.ReadExactly(bytes);
        int whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        int first = start == 0 ? 0 : Array.IndexOf(bytes, (byte)'\n') + 1;
        int badCount = 0;
        foreach (string line in Encoding.UTF8.GetString(bytes, first, Math.Max(0, whole - first)).Split('\n',
            StringSplitOptions.RemoveEmptyEntries))
        {
            badCount += TryRead(line) ? 0 : 1;
        }

        Complaint = badCount > 0 ? $"{badCount} lines of {_file.Name} cannot be read and are passed over" : null;
        if (whole < bytes.Length)
        {
            KeepAside(folder, bytes.AsSpan(whole), start + whole);
        }
    }

    private bool TryRead(string line)
    {
        try
        {
            var entry = JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry);
            if (entry is null)
            {
                return false;
            }

            LastNumber = Math.Max(LastNumber, entry.Number);
            Remember(entry);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void KeepAside(string folder, ReadOnlySpan<byte> torn, long length)
    {
        string aside = Path.Combine(folder, $"{FileName}.torn-{LastNumber + 1}");
        using (var kept = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            kept.Write(torn);
            kept.Flush(flushToDisk: true);
        }

        _file!.SetLength(length);
        _file.Flush(flushToDisk: true);
        Complaint = $"the last line of {_file.Name} was cut short ({torn.Length} bytes); it is kept as {aside}";
    }

    private void Remember(JournalEntry entry)
    {
        _recent.Enqueue(entry);
        if (_recent.Count > RecentCount)
        {
            _recent.Dequeue();
        }
    }
}

/// <summary>Writes journal entries without reflection, with the keys they have on the wire.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, IncludeFields = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
