using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Journal;

/// <summary>
/// Every change of the device, one JSON object a line. A change is written down before it is made (<see cref="Intend"/>) and again when it
/// is done (<see cref="Conclude"/>), under one number, so that neither a power cut nor a full disk makes the journal claim what is not so.
/// What must not wait for a disk is made first and noted (<see cref="Note"/>). Numbers go on after a restart. A last line that was cut by a
/// power failure is kept aside, so that the next one does not run into it. Any thread.
/// </summary>
/// <remarks>A file of nothing is kept beside it and given up on a full disk, so that the change under way can still be concluded.</remarks>
public sealed class JournalFile : IDisposable
{
    public const string FileName = "journal.jsonl";

    /// <summary>The file that is given up when the disk is full.</summary>
    public const string ReserveName = "journal.reserve";

    /// <summary>Entries remembered for <c>journal.list</c>, and at most so many that wait for room on the disk.</summary>
    public const int RecentCount = 200;

    /// <summary>What stands in front of the outcome of a change that was written down and not concluded.</summary>
    public const string Intended = "intended: ";

    /// <summary>At this length the journal is put aside under its time and begins anew: some ten thousand changes.</summary>
    internal const long FileBytes = 4 << 20;

    /// <summary>Journals put aside that are kept: years of changes.</summary>
    internal const int AsideCount = 8;

    /// <summary>Of a large journal only the end is read at start: 200 entries of a kilobyte each, four times over.</summary>
    private const int TailBytes = 1 << 20;

    /// <summary>Some dozens of entries; a block of any file system is less.</summary>
    private const int ReserveBytes = 64 << 10;

    private readonly Lock _gate = new();
    private readonly List<JournalEntry> _recent = [];
    private readonly Queue<byte[]> _waiting = new();
    private readonly TimeProvider _clock;
    private readonly string? _folder;
    private FileStream? _file;
    private bool _hasRefused;

    /// <param name="folder">The state folder; null remembers the latest entries only.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public JournalFile(string? folder, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        if (folder is null)
        {
            return;
        }

        _folder = Directory.CreateDirectory(folder).FullName;
        _file = Open();
        ReadBack(folder);
        // A journal that was made just now, and a torn line put aside, are names in the folder.
        PrivateFile.Settle(_file.Name);
        _file.Seek(0, SeekOrigin.End);
        TryReserve();
    }

    /// <summary>Told when the disk refuses an entry, once, and when it takes entries again.</summary>
    public event Action<string>? Troubled;

    /// <summary>Number of the newest entry; 0 before the first.</summary>
    public long LastNumber { get; private set; }

    /// <summary>What was found wrong at start and put aside; null where all was well.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Numbers and dates a change that is about to be made, and writes it through to the disk.</summary>
    /// <exception cref="IOException">The disk refused: the change must not be made. The entry is not remembered.</exception>
    public void Intend(JournalEntry entry)
    {
        lock (_gate)
        {
            long number = LastNumber + 1;
            string outcome = entry.Outcome;
            (entry.Number, entry.UtcNs, entry.Outcome) = (number, _clock.UtcNs(), Intended + outcome);
            try
            {
                WriteWaiting();
                Write(LineOf(entry));
            }
            catch (IOException)
            {
                entry.Outcome = outcome;
                throw;
            }

            LastNumber = number;
            Remember(entry);
        }
    }

    /// <summary>How a change that was intended, or noted as begun, has ended; never refuses.</summary>
    /// <returns>The number of the entry.</returns>
    public long Conclude(JournalEntry entry, string outcome)
    {
        lock (_gate)
        {
            entry.Outcome = outcome;
            Keep(LineOf(entry));
            return entry.Number;
        }
    }

    /// <summary>
    /// Numbers and dates what has been done already, and writes it as soon as the disk takes it; never refuses. For stopping, locking and
    /// taking back, which depend on no disk.
    /// </summary>
    public long Note(JournalEntry entry)
    {
        lock (_gate)
        {
            LastNumber++;
            (entry.Number, entry.UtcNs) = (LastNumber, _clock.UtcNs());
            Remember(entry);
            Keep(LineOf(entry));
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

    public void Dispose()
    {
        lock (_gate)
        {
            TryWriteWaiting();
            _file?.Dispose();
            _file = null;
        }
    }

    private static byte[] LineOf(JournalEntry entry) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry), (byte)'\n'];

    private FileStream Open() => new(Path.Combine(_folder!, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read,
        bufferSize: 0);

    /// <summary>Writes the line now or, where the disk refuses, as soon as it takes it.</summary>
    private void Keep(byte[] line)
    {
        if (_file is null)
        {
            return;
        }

        _waiting.Enqueue(line);
        if (_waiting.Count > RecentCount)
        {
            _waiting.Dequeue();
        }

        TryWriteWaiting();
    }

    private void TryWriteWaiting()
    {
        try
        {
            WriteWaiting();
        }
        catch (IOException)
        {
            // Told by whoever wrote; the lines go on to wait.
        }
    }

    private void WriteWaiting()
    {
        while (_waiting.TryPeek(out byte[]? line))
        {
            Write(line);
            _waiting.Dequeue();
        }
    }

    private void Write(byte[] line)
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            PutAsideWhenLong();
            try
            {
                Put(line);
            }
            catch (IOException) when (GiveUpReserve())
            {
                Put(line);
            }

            Tell(isRefused: false, "");
            TryReserve();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Tell(isRefused: true, refused.Message);
            throw new IOException(refused.Message, refused);
        }
    }

    private void Tell(bool isRefused, string why)
    {
        if (isRefused == _hasRefused)
        {
            return;
        }

        _hasRefused = isRefused;
        Troubled?.Invoke(isRefused ? $"the journal cannot be written ({why}): changes are refused until it can; stopping, locking and "
            + "taking back go on and are written later" : "the journal is written again");
    }

    private void Put(byte[] line)
    {
        var file = _file!;
        long at = file.Position;
        try
        {
            file.Write(line);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            Cut(file, at);
            throw;
        }
    }

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

    private bool GiveUpReserve()
    {
        string reserve = Path.Combine(_folder!, ReserveName);
        if (!File.Exists(reserve))
        {
            return false;
        }

        File.Delete(reserve);
        return true;
    }

    /// <summary>Keeps some blocks back, where there is room for many times as much.</summary>
    private void TryReserve()
    {
        string reserve = Path.Combine(_folder!, ReserveName);
        try
        {
            if (!File.Exists(reserve) && new DriveInfo(_folder!).AvailableFreeSpace > 4L * ReserveBytes)
            {
                using var file = new FileStream(reserve, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
                file.Write(new byte[ReserveBytes]);
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Without a reserve changes are refused a little earlier.
        }
    }

    private void PutAsideWhenLong()
    {
        if (_file!.Position < FileBytes)
        {
            return;
        }

        if (File.Exists(_file.Name))
        {
            string start = _clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
            string aside = Path.Combine(_folder!, $"journal-{start}.jsonl");
            File.Move(_file.Name, aside, overwrite: true);
            PrivateFile.Settle(aside);
        }

        var next = Open(); // Where none can be made the old one stays, and what is to be written waits.
        _file.Dispose();
        _file = next;
        Directory.EnumerateFiles(_folder!, "journal-*Z.jsonl").OrderDescending(StringComparer.Ordinal).Skip(AsideCount).ToList()
            .ForEach(File.Delete);
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
            if (JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry) is not { } entry)
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
        string aside = Path.Combine(folder, $"{FileName}.torn-{LastNumber + 1}"), fate = $"is kept as {aside}";
        try
        {
            using var kept = new FileStream(aside, FileMode.Create, FileAccess.Write);
            kept.Write(torn);
            kept.Flush(flushToDisk: true);
        }
        catch (IOException full)
        {
            fate = $"could not be kept ({full.Message})"; // A device starts on a full disk too.
        }

        _file!.SetLength(length);
        _file.Flush(flushToDisk: true);
        Complaint = $"the last line of {_file.Name} was cut short ({torn.Length} bytes); it {fate}";
    }

    /// <summary>The last word on a number stands: what was intended gives way to what came of it.</summary>
    private void Remember(JournalEntry entry)
    {
        int same = _recent.FindIndex(e => e.Number == entry.Number);
        if (same >= 0)
        {
            _recent[same] = entry;
            return;
        }

        _recent.Add(entry);
        if (_recent.Count > RecentCount)
        {
            _recent.RemoveAt(0);
        }
    }
}

/// <summary>Writes journal entries without reflection, with the keys they have on the wire.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, IncludeFields = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
