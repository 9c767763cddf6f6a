using System.Globalization;
using System.Security.Cryptography;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>A file that goes to a board.</summary>
/// <param name="Path">Here.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record OutgoingFile(string Path, long Bytes, string Sha256)
{
    /// <exception cref="IOException">It cannot be read.</exception>
    public static OutgoingFile Of(string path)
    {
        using var stream = File.OpenRead(path);
        return new OutgoingFile(path, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}

/// <summary>
/// Copies files to a folder of the user's on the board, each under its digest: what is whole there is not sent again, and what was cut is
/// gone on with where it was cut, if its beginning is that of this file.
/// </summary>
internal sealed class RemoteFiles(SshLink link, BoardFacts facts)
{
    private const int Tries = 2;

    /// <summary>Where copies lie until they are installed.</summary>
    public string Folder => facts.Home + "/.cache/edgeroute-flash";

    public string PlaceOf(OutgoingFile file) => $"{Folder}/{file.Sha256}";

    /// <param name="told">Told how many bytes are there so far.</param>
    /// <exception cref="IOException">The connection is lost, the disk is full, or the copy came out another.</exception>
    public async Task SendAsync(OutgoingFile file, Action<long> told, CancellationToken cancel)
    {
        string place = SshLink.Quoted(PlaceOf(file)), part = SshLink.Quoted(PlaceOf(file) + ".part");
        for (int attempt = 1; ; attempt++)
        {
            if (await IsWholeAsync(file, cancel))
            {
                return;
            }

            long from = await StartAsync(file, part, cancel);
            await using var content = File.OpenRead(file.Path);
            content.Seek(from, SeekOrigin.Begin);
            var sent = await link.SendAsync($"cat >>{part}", content, bytes => told(from + bytes), cancel);
            var closed = await link.RunAsync($"sync -- {part} 2>/dev/null; [ \"$(sha256sum <{part} | cut -d ' ' -f 1)\" = {file.Sha256} ] "
                + $"&& mv -f -- {part} {place} || {{ rm -f -- {part}; exit 9; }}", cancel);
            if (closed.ExitCode == 0)
            {
                return;
            }

            if (attempt == Tries)
            {
                throw new IOException($"{file.Path} does not arrive whole on {link.Address}: "
                    + (sent.Error.Trim() is { Length: > 0 } why ? why : "its digest is another there"));
            }
        }
    }

    /// <summary>Removes every copy.</summary>
    public Task<RemoteResult> ClearAsync(CancellationToken cancel) =>
        link.RunAsync($"rm -rf -- {SshLink.Quoted(Folder)}; rmdir -- \"$HOME/.cache\" 2>/dev/null", cancel);

    private async Task<bool> IsWholeAsync(OutgoingFile file, CancellationToken cancel)
    {
        string place = SshLink.Quoted(PlaceOf(file));
        var answer = await link.RunAsync($"[ -e {place} ] && sha256sum <{place} | cut -d ' ' -f 1", cancel);
        return answer.Output.Trim() == file.Sha256;
    }

    /// <summary>How much of it is there already; what is not its beginning is thrown away.</summary>
    private async Task<long> StartAsync(OutgoingFile file, string part, CancellationToken cancel)
    {
        var answer = await link.RunAsync($"umask 077; mkdir -p {SshLink.Quoted(Folder)} && [ -e {part} ] "
            + $"&& wc -c <{part} && sha256sum <{part}",
            cancel);
        string[] words = answer.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        bool isThere = words.Length >= 2;
        long there = isThere && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : 0;
        if (there > 0 && there < file.Bytes && words[1] == await PrefixHashAsync(file.Path, there, cancel))
        {
            return there;
        }

        await link.RunAsync($"rm -f -- {part}", cancel);
        return 0;
    }

    private static async Task<string> PrefixHashAsync(string path, long bytes, CancellationToken cancel)
    {
        await using var stream = File.OpenRead(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = new byte[64 * 1024];
        for (long left = bytes; left > 0;)
        {
            int count = await stream.ReadAsync(chunk.AsMemory(0, (int)Math.Min(left, chunk.Length)), cancel);
            hash.AppendData(chunk, 0, count);
            left -= count;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
