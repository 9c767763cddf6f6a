using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Engine.Board;

/// <summary>
/// Small text files that the kernel shows (/proc, /sys, /etc) below a root that can be set: tests bring a tree of their own, and a board's
/// tree copied to a laptop can be read there. Paths are always those of the device, without the root.
/// </summary>
public sealed class SystemFiles(string root = "/")
{
    private readonly Func<string, string?>? _textOf;
    private readonly Func<string, IEnumerable<string>>? _entriesOf;

    /// <summary>Of no disk: a simulated board shows what it measures in the same way.</summary>
    /// <param name="textOf">The text at a path; null where there is none.</param>
    /// <param name="entriesOf">Names of what is in a folder, which may be empty.</param>
    public SystemFiles(Func<string, string?> textOf, Func<string, IEnumerable<string>> entriesOf)
        : this("/dev/null") => (_textOf, _entriesOf) = (textOf, entriesOf);

    /// <summary>/proc/cpuinfo of a 64-core machine is about 100 KiB; nothing read here is longer.</summary>
    private const int LengthLimit = 1 << 20;

    /// <summary>A page: what the kernel gives for one attribute at most.</summary>
    private const int UsualLength = 4096;

    /// <summary>Entries of one folder: a machine has some dozens of thermal zones at most.</summary>
    private const int EntryLimit = 512;

    /// <summary>The text without trailing white space and zeros (device tree strings end in one), or null with the reason.</summary>
    public string? TryRead(string path, out string reason)
    {
        if (_textOf is not null)
        {
            string? text = _textOf(path);
            reason = text is null ? $"{path} does not exist" : "";
            return text;
        }

        try
        {
            using var file = File.OpenHandle(Place(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            reason = "";
            return TextOf(file);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            reason = $"{path} does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            reason = Directory.Exists(Place(path)) ? $"{path} is a folder" : $"{path} may not be read by this user";
        }
        catch (IOException fault)
        {
            // A sensor that is switched off fails the read, with an error of its driver's choosing.
            reason = $"{path} cannot be read: {fault.Message}";
        }

        return null;
    }

    /// <summary>
    /// The kernel reports a length of 0 or 4096 for these files, so only reading tells. Most hold a number: the room begins small, because
    /// sensors are read all the time.
    /// </summary>
    private static string TextOf(SafeFileHandle file)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(UsualLength);
        try
        {
            int length = 0;
            for (int count; length < LengthLimit && (count = RandomAccess.Read(file, room.AsSpan(length), length)) > 0;)
            {
                length += count;
                room = length < room.Length ? room : Grown(room);
            }

            return Encoding.UTF8.GetString(room.AsSpan(0, Math.Min(length, LengthLimit)).TrimEnd("\0 \n\r\t"u8));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    private static byte[] Grown(byte[] room)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * room.Length);
        room.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(room);
        return larger;
    }

    /// <summary>A whole number, or null with the reason.</summary>
    public long? TryReadNumber(string path, out string reason)
    {
        if (TryRead(path, out reason) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out long value))
        {
            return value;
        }

        reason = $"{path} holds '{(text.Length > 40 ? text[..40] : text)}', which is not a whole number";
        return null;
    }

    /// <summary>Entries of a folder whose names start so, in order of their numbers; empty where there is no such folder.</summary>
    public IReadOnlyList<string> List(string folder, string namePrefix = "")
    {
        try
        {
            return [.. (_entriesOf?.Invoke(folder) ?? Directory.EnumerateFileSystemEntries(Place(folder)).Select(e => Path.GetFileName(e)!))
                .Where(n => n.StartsWith(namePrefix, StringComparison.Ordinal)).Take(EntryLimit)
                .OrderBy(n => n.Length).ThenBy(n => n, StringComparer.Ordinal).Select(n => $"{folder}/{n}")];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Where a path of the device lies on this machine.</summary>
    public string Place(string path) => Path.Join(root, path);
}
