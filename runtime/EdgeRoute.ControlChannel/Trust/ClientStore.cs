using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Pairing;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.ControlChannel.Trust;

/// <summary>
/// The clients that were paired with this device, kept in a file. Safe to use from any thread. Whoever holds connections subscribes to
/// <see cref="Changed"/> first and calls <see cref="Find"/> afterwards: then a revocation in between is not missed.
/// </summary>
public sealed class ClientStore
{
    /// <summary>Name of the file in the state folder.</summary>
    public const string FileName = "clients.json";

    /// <summary>More laptops than any team points at one robot; bounds the file and each look-up.</summary>
    public const int CountMax = 64;

    /// <summary>A beginning of a fingerprint that names a client: 32 bits, so that a short name is not taken for one.</summary>
    public const int PrefixLengthMin = 8;

    private const int Version = 1;

    /// <summary>64 bits: damage is no attack, whoever can write the file can write its checksums.</summary>
    private const int SumDigits = 16;

    /// <summary>64 clients take about 20 KiB.</summary>
    private const int BytesMax = 1 << 20;

    private readonly Lock _lock = new();
    private readonly string _path;
    private List<PairedClient> _clients;

    private ClientStore(string path, List<PairedClient> clients)
    {
        _path = path;
        _clients = clients;
    }

    /// <summary>Raised after a change is in force, outside of any lock, on the thread that made it.</summary>
    public event Action<ClientChange>? Changed;

    public int Count => List().Count;

    public bool IsFull => Count >= CountMax;

    /// <summary>No file is an empty store; a file appears with the first client.</summary>
    /// <exception cref="TrustException">The file is damaged or cannot be read. It stays as it is.</exception>
    public static ClientStore Load(string stateFolder)
    {
        string path = Path.Combine(stateFolder, FileName);
        string? text = PrivateFile.TryRead(path, BytesMax);
        return new ClientStore(path, text is null ? [] : Parse(path, text));
    }

    /// <summary>All clients, oldest pairing first; a copy that does not change.</summary>
    public IReadOnlyList<PairedClient> List()
    {
        lock (_lock)
        {
            return _clients;
        }
    }

    /// <summary>The client with this fingerprint; null where it was never paired or was revoked.</summary>
    public PairedClient? Find(string? fingerprint) => List().FirstOrDefault(c => c.Fingerprint == fingerprint);

    /// <summary>
    /// Keeps a client. One that was paired before has its name and role replaced; a name that another has gets a number behind it.
    /// </summary>
    /// <exception cref="RpcRefusedException">There are as many clients as there may be.</exception>
    /// <exception cref="TrustException">The file cannot be written; the client is not kept.</exception>
    public PairedClient Add(string name, string fingerprint, string role, DateTime utc)
    {
        CheckRole(role);
        PairedClient? before;
        PairedClient after;
        lock (_lock)
        {
            before = _clients.Find(c => c.Fingerprint == fingerprint);
            if (before is null && _clients.Count >= CountMax)
            {
                throw new RpcRefusedException(RpcErrorCode.Limit, $"{CountMax} clients are paired, and no more are allowed",
                    "revoke one with 'edgeroute clients revoke'");
            }

            var others = _clients.Where(c => c.Fingerprint != fingerprint).ToList();
            after = new PairedClient(FreeName(others, SelfSigned.PlainName(name)), fingerprint, role, utc);
            Keep([.. others, after]);
        }

        Changed?.Invoke(new ClientChange(before, after));
        return after;
    }

    /// <summary>Forgets a client, at once and also where the file cannot be written.</summary>
    /// <param name="nameOrPrefix">Its name, or at least the first 8 digits of its fingerprint.</param>
    /// <exception cref="RpcRefusedException">No client or several are called so.</exception>
    /// <exception cref="TrustException">The file cannot be written: the client is revoked until the device starts again.</exception>
    public PairedClient Revoke(string nameOrPrefix)
    {
        PairedClient gone;
        TrustException? unwritten;
        lock (_lock)
        {
            gone = Named(nameOrPrefix);
            _clients = [.. _clients.Where(c => c != gone)];
            unwritten = TryWrite(_clients);
        }

        Changed?.Invoke(new ClientChange(gone, null));
        return unwritten is null ? gone : throw new TrustException($"'{gone.Name}' is revoked now, but will be back when the device "
            + $"starts again: {unwritten.Message}", unwritten);
    }

    /// <summary>Gives a client another role.</summary>
    /// <exception cref="RpcRefusedException">No client or several are called so, or there is no such role.</exception>
    /// <exception cref="TrustException">The file cannot be written; nothing changed.</exception>
    public PairedClient SetRole(string nameOrPrefix, string role)
    {
        CheckRole(role);
        PairedClient before, after;
        lock (_lock)
        {
            before = Named(nameOrPrefix);
            after = before with { Role = role };
            Keep([.. _clients.Select(c => c == before ? after : c)]);
        }

        Changed?.Invoke(new ClientChange(before, after));
        return after;
    }

    /// <summary>Refuses what is not a role that a client can have.</summary>
    internal static void CheckRole(string role)
    {
        if (!IsRole(role))
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"there is no role '{role}'",
                $"use {ControlRole.Viewer}, {ControlRole.Operator} or {ControlRole.Admin}");
        }
    }

    private static bool IsRole(string role) => role is ControlRole.Viewer or ControlRole.Operator or ControlRole.Admin;

    private PairedClient Named(string nameOrPrefix)
    {
        if (_clients.Find(c => c.Name == nameOrPrefix) is { } exact)
        {
            return exact;
        }

        string prefix = nameOrPrefix.ToLowerInvariant();
        var matches = prefix.Length < PrefixLengthMin ? []
            : _clients.FindAll(c => c.Fingerprint.StartsWith(prefix, StringComparison.Ordinal));
        return matches.Count switch
        {
            1 => matches[0],
            0 => throw new RpcRefusedException(RpcErrorCode.NotFound, $"no client is called '{nameOrPrefix}'",
                $"'edgeroute clients list' shows them; a fingerprint needs at least its first {PrefixLengthMin} digits"),
            _ => throw new RpcRefusedException(RpcErrorCode.Conflict, $"{matches.Count} fingerprints begin with '{nameOrPrefix}'",
                "give more digits, or the name"),
        };
    }

    private void Keep(List<PairedClient> clients)
    {
        if (TryWrite(clients) is { } unwritten)
        {
            throw unwritten;
        }

        _clients = clients;
    }

    private TrustException? TryWrite(List<PairedClient> clients)
    {
        try
        {
            PrivateFile.Write(_path, JsonSerializer.Serialize(
                new ClientDocument { Version = Version, Clients = clients, Checksums = clients.ConvertAll(SumOf) },
                ClientJson.Default.ClientDocument) + "\n");
            return null;
        }
        catch (TrustException unwritten)
        {
            return unwritten;
        }
    }

    private static string FreeName(List<PairedClient> others, string name)
    {
        string free = name;
        for (int number = 2; others.Exists(c => c.Name == free); number++)
        {
            free = $"{name}-{number}";
        }

        return free;
    }

    private static List<PairedClient> Parse(string path, string text)
    {
        try
        {
            var document = JsonSerializer.Deserialize(text, ClientJson.Default.ClientDocument) ?? throw new JsonException("it is empty");
            return Fault(document) is { } fault ? throw new JsonException(fault) : document.Clients;
        }
        catch (JsonException damaged)
        {
            throw new TrustException(
                $"the paired clients in '{path}' cannot be used: {damaged.Message} Restore the file from a backup; or remove it, then "
                    + "every laptop must pair again.", damaged);
        }
    }

    private static string? Fault(ClientDocument document)
    {
        if (document.Version != Version)
        {
            return $"it has format version {document.Version}; this build reads {Version}.";
        }

        if (document.Clients.Count > CountMax || document.Clients.Contains(null!))
        {
            return $"it names {document.Clients.Count} clients, with {document.Clients.Count(c => c is null)} of them empty; {CountMax} "
                + "are allowed.";
        }

        var wrong = document.Clients.Find(c => !IsRole(c.Role) || !IsFingerprint(c.Fingerprint) || c.Name.Length == 0);
        if (wrong is not null)
        {
            return $"the client '{wrong.Name}' has no proper name, fingerprint (64 lower-case hexadecimal digits) or role "
                + "(viewer, operator, admin).";
        }

        if (document.Checksums is { } sums && !sums.SequenceEqual(document.Clients.Select(SumOf)))
        {
            string place = document.Clients.Find(c => !sums.Contains(SumOf(c))) is { } odd ? $"the client '{odd.Name}'" : "the list";
            return $"{place} does not fit the checksums beside it: it was damaged, or edited by hand (then take 'checksums' out).";
        }

        if (document.Clients.DistinctBy(c => c.Fingerprint).Count() != document.Clients.Count
            || document.Clients.DistinctBy(c => c.Name).Count() != document.Clients.Count)
        {
            return "two of its clients have the same name or fingerprint.";
        }

        return null;
    }

    /// <summary>A bit that flips in a role or a fingerprint lets in another than was paired.</summary>
    private static string SumOf(PairedClient client) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        FormattableString.Invariant($"{client.Name}\n{client.Fingerprint}\n{client.Role}\n{client.PairedUtc.Ticks}"))))[..SumDigits];

    private static bool IsFingerprint(string text) => text.Length == 2 * PairingTerms.FingerprintBytes
        && text.All(char.IsAsciiHexDigitLower);
}

/// <summary>The file of paired clients.</summary>
internal sealed class ClientDocument
{
    /// <summary>Format of the file.</summary>
    public required int Version { get; set; }

    public required List<PairedClient> Clients { get; set; }

    /// <summary>Of each client; a file without them, from an older version, is not checked.</summary>
    public List<string>? Checksums { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, IgnoreReadOnlyProperties = true, WriteIndented = true)]
[JsonSerializable(typeof(ClientDocument))]
internal sealed partial class ClientJson : JsonSerializerContext;

/// <summary>A client that was paired.</summary>
/// <param name="Name">Unique on the device.</param>
/// <param name="Fingerprint">SHA-256 of its certificate, lower-case hexadecimal.</param>
/// <param name="Role">Viewer, operator or admin, of <see cref="Protocol.Control.ControlRole"/>.</param>
/// <param name="PairedUtc">By the device's clock, which may have been wrong.</param>
public sealed record PairedClient(string Name, string Fingerprint, string Role, DateTime PairedUtc)
{
    public long PairedUtcNs => (PairedUtc - DateTime.UnixEpoch).Ticks * 100;
}

/// <summary>What happened to a client: paired (no before), revoked (no after), or another name or role.</summary>
public sealed record ClientChange(PairedClient? Before, PairedClient? After)
{
    public string Fingerprint => (Before ?? After)!.Fingerprint;
}
