using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>What the known_hosts files say of a host's key.</summary>
internal enum HostKeyVerdict
{
    /// <summary>No line names the host.</summary>
    Unknown,

    Known,

    /// <summary>Lines name the host with another key of this kind.</summary>
    Other,

    /// <summary>A line revokes this key.</summary>
    Revoked,
}

/// <summary>
/// The hosts that this user's ssh knows, as sshd(8) describes the format: names or patterns, hashed names, <c>[host]:port</c>, and the
/// marker <c>@revoked</c>. Authorities that sign host keys are passed over.
/// </summary>
internal sealed class KnownHosts
{
    private const string Hashed = "|1|";
    private const int UsualPort = 22;

    private readonly List<Line> _lines = [];
    private readonly string _ownFile;

    private KnownHosts(string ownFile) => _ownFile = ownFile;

    /// <param name="ownFile">Of the user, to which keys are added.</param>
    /// <param name="otherFiles">Of the machine; missing ones are passed over.</param>
    /// <exception cref="IOException">A file is there and cannot be read.</exception>
    public static KnownHosts Load(string ownFile, params string[] otherFiles)
    {
        var hosts = new KnownHosts(ownFile);
        foreach (string file in otherFiles.Prepend(ownFile).Where(File.Exists))
        {
            hosts._lines.AddRange(File.ReadAllLines(file).Select((text, i) => Parse(text, $"{file}:{i + 1}")).OfType<Line>());
        }

        return hosts;
    }

    /// <summary>The kinds of key that are known of a host, so that it is asked for one of those.</summary>
    public IReadOnlyList<string> KindsOf(string host, int port) =>
        [.. _lines.Where(l => !l.IsRevoked && l.Names(host, port)).Select(l => l.Kind).Distinct(StringComparer.Ordinal)];

    /// <param name="key">As it comes over the wire: its kind, then its numbers.</param>
    /// <param name="place">File and line that the verdict rests on; empty where there is none.</param>
    public HostKeyVerdict Judge(string host, int port, byte[] key, out string place)
    {
        string text = Convert.ToBase64String(key);
        var naming = _lines.Where(l => l.Names(host, port)).ToList();
        if (naming.Find(l => l.IsRevoked && l.Key == text) is { } revoked)
        {
            place = revoked.Place;
            return HostKeyVerdict.Revoked;
        }

        if (naming.Find(l => !l.IsRevoked && l.Key == text) is { } known)
        {
            place = known.Place;
            return HostKeyVerdict.Known;
        }

        var other = naming.Find(l => !l.IsRevoked);
        place = other?.Place ?? "";
        return other is null ? HostKeyVerdict.Unknown : HostKeyVerdict.Other;
    }

    /// <summary>Adds a host to the user's own file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Add(string host, int port, byte[] key)
    {
        string? folder = Path.GetDirectoryName(_ownFile);
        if (folder is not null && !Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
        }

        string text = File.Exists(_ownFile) ? File.ReadAllText(_ownFile) : "";
        string gap = text.Length == 0 || text.EndsWith('\n') ? "" : "\n";
        File.AppendAllText(_ownFile, $"{gap}{NameOf(host, port)} {KindOf(key)} {Convert.ToBase64String(key)}\n");
    }

    /// <summary>As ssh shows it: SHA256: and base64 without its padding.</summary>
    public static string FingerprintOf(byte[] key) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');

    private static string NameOf(string host, int port) => port == UsualPort ? host : $"[{host}]:{port}";

    private static string KindOf(byte[] key)
    {
        int length = key.Length < 4 ? 0 : (key[0] << 24) | (key[1] << 16) | (key[2] << 8) | key[3];
        return length > 0 && length <= key.Length - 4 ? Encoding.ASCII.GetString(key, 4, length) : "";
    }

    private static Line? Parse(string text, string place)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        bool isMarked = words.Length > 0 && words[0].StartsWith('@');
        string[] rest = isMarked ? words[1..] : words;
        bool isLine = rest.Length >= 3 && !rest[0].StartsWith('#') && (!isMarked || words[0] == "@revoked");
        return isLine ? new Line(rest[0], rest[1], rest[2], isMarked, place) : null;
    }

    private sealed record Line(string Hosts, string Kind, string Key, bool IsRevoked, string Place)
    {
        public bool Names(string host, int port)
        {
            string name = NameOf(host, port).ToLowerInvariant();
            if (Hosts.StartsWith(Hashed, StringComparison.Ordinal))
            {
                return IsHashOf(name);
            }

            var patterns = Hosts.Split(',');
            bool isDenied = patterns.Any(p => p.StartsWith('!') && Fits(p[1..], name));
            return !isDenied && patterns.Any(p => !p.StartsWith('!') && Fits(p, name));
        }

        private static bool Fits(string pattern, string name)
        {
            string shape = Regex.Escape(pattern.ToLowerInvariant()).Replace("\\*", ".*", StringComparison.Ordinal)
                .Replace("\\?", ".", StringComparison.Ordinal);
            return Regex.IsMatch(name, $"^{shape}$", RegexOptions.NonBacktracking);
        }

        // The format has HMAC-SHA1, with a salt of its own for each line; it hides names and proves nothing.
#pragma warning disable CA5350
        private bool IsHashOf(string name)
        {
            string[] parts = Hosts[Hashed.Length..].Split('|');
            byte[] salt = new byte[64], hash = new byte[64];
            return parts.Length == 2 && Convert.TryFromBase64String(parts[0], salt, out int saltLength)
                && Convert.TryFromBase64String(parts[1], hash, out int hashLength)
                && hash.AsSpan(0, hashLength).SequenceEqual(HMACSHA1.HashData(salt.AsSpan(0, saltLength), Encoding.UTF8.GetBytes(name)));
        }
#pragma warning restore CA5350
    }
}
