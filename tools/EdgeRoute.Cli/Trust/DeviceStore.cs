using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Pairing;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.Cli.Trust;

/// <summary>
/// The devices that this laptop knows, kept in a file. Every change reads the file anew under a lock, so that two runs of the tool lose
/// nothing of each other.
/// </summary>
internal sealed class DeviceStore
{
    /// <summary>Name of the file in the tool's folder.</summary>
    public const string FileName = "devices.json";

    /// <summary>A fleet beyond this has tools of its own.</summary>
    public const int CountMax = 1000;

    private const int Version = 1;

    /// <summary>1000 devices take about 250 KiB.</summary>
    private const int BytesMax = 4 << 20;

    private readonly string _folder;
    private DeviceDocument _document;

    private DeviceStore(string folder, DeviceDocument document)
    {
        _folder = folder;
        _document = document;
    }

    public IReadOnlyList<KnownDevice> Devices => _document.Devices;

    /// <summary>
    /// The device that commands mean where none is named: the one chosen, else the only one; null where that is not clear.
    /// </summary>
    public KnownDevice? Default
    {
        get
        {
            if (_document.Default is { } name)
            {
                return Find(name);
            }

            if (_document.Devices.Count == 1)
            {
                return _document.Devices[0];
            }

            return null;
        }
    }

    /// <summary>No file is an empty book.</summary>
    /// <exception cref="TrustException">The file is damaged or cannot be read. It stays as it is.</exception>
    public static DeviceStore Load(string folder) => new(folder, Read(folder));

    /// <summary>The device called so, else the one at that address; null for neither.</summary>
    public KnownDevice? Find(string nameOrAddress) =>
        _document.Devices.Find(d => d.Name == nameOrAddress) ?? _document.Devices.Find(d => d.Address == nameOrAddress);

    /// <summary>Keeps a device; one of the same name is replaced, with its fingerprint.</summary>
    /// <exception cref="TrustException">The name or address cannot be used, the book is full, or the file cannot be written.</exception>
    public void Add(KnownDevice device)
    {
        if (Fault(device) is { } fault)
        {
            throw new TrustException(fault);
        }

        Change(document =>
        {
            document.Devices.RemoveAll(d => d.Name == device.Name);
            document.Devices.Add(device);
            return document.Devices.Count <= CountMax ? null
                : $"{CountMax} devices are known, and no more are allowed. Forget one with 'edgeroute devices remove'.";
        });
    }

    /// <summary>Forgets a device; false where none is called so.</summary>
    /// <exception cref="TrustException">The file cannot be written.</exception>
    public bool Remove(string name)
    {
        bool isRemoved = false;
        Change(document =>
        {
            isRemoved = document.Devices.RemoveAll(d => d.Name == name) > 0;
            document.Default = document.Default == name ? null : document.Default;
            return null;
        });
        return isRemoved;
    }

    /// <summary>Chooses the device that commands mean where none is named; null for none.</summary>
    /// <exception cref="TrustException">No device is called so, or the file cannot be written.</exception>
    public void SetDefault(string? name) => Change(document =>
    {
        document.Default = name;
        return name is null || document.Devices.Exists(d => d.Name == name) ? null
            : $"no device is called '{name}'. 'edgeroute devices' shows them.";
    });

    private void Change(Func<DeviceDocument, string?> change)
    {
        using var held = FolderLock.Hold(_folder);
        var document = Read(_folder);
        if (change(document) is { } refusal)
        {
            throw new TrustException(refusal);
        }

        PrivateFile.Write(Path.Combine(_folder, FileName), JsonSerializer.Serialize(document, DeviceJson.Default.DeviceDocument) + "\n");
        _document = document;
    }

    private static DeviceDocument Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (PrivateFile.TryRead(path, BytesMax) is not { } text)
        {
            return new DeviceDocument { Version = Version, Devices = [] };
        }

        try
        {
            var document = JsonSerializer.Deserialize(text, DeviceJson.Default.DeviceDocument) ?? throw new JsonException("it is empty.");
            return Fault(document) is { } fault ? throw new JsonException(fault) : document;
        }
        catch (JsonException damaged)
        {
            throw new TrustException(
                $"the devices in '{path}' cannot be used: {damaged.Message} Restore the file from a backup; or remove it, and pair each "
                    + "device again.", damaged);
        }
    }

    private static string? Fault(DeviceDocument document)
    {
        if (document.Version != Version)
        {
            return $"it has format version {document.Version}; this build reads {Version}.";
        }

        if (document.Devices.Contains(null!))
        {
            return "a device in it is empty.";
        }

        if (document.Devices.DistinctBy(d => d.Name).Count() != document.Devices.Count)
        {
            return "two devices in it have the same name.";
        }

        if (document.Default is { } name && !document.Devices.Exists(d => d.Name == name))
        {
            return $"its default device '{name}' is not in it.";
        }

        return document.Devices.Select(Fault).FirstOrDefault(f => f is not null);
    }

    private static string? Fault(KnownDevice device)
    {
        if (device.Name != SelfSigned.PlainName(device.Name) || device.Name.StartsWith('/') || device.Name.StartsWith('-'))
        {
            return $"'{SelfSigned.PlainName(device.Name)}' cannot be a device's name: 1 to {SelfSigned.NameLengthMax} printed characters, "
                + "not beginning with '/' or '-'.";
        }

        if (device.IsUnixSocket)
        {
            return null;
        }

        int colon = device.Address.LastIndexOf(':');
        bool isAddress = colon > 0 && ushort.TryParse(device.Address.AsSpan(colon + 1), out ushort port) && port > 0;
        bool isFingerprint = device.Fingerprint is { Length: 2 * PairingTerms.FingerprintBytes } pinned
            && pinned.All(char.IsAsciiHexDigitLower);
        if (!isAddress)
        {
            return $"'{device.Address}' is no address of '{device.Name}': host:port or the path of a Unix socket is expected.";
        }

        if (!isFingerprint)
        {
            return $"the device '{device.Name}' has no fingerprint of 64 lower-case hexadecimal digits.";
        }

        return null;
    }
}

/// <summary>The file of devices that this laptop knows.</summary>
internal sealed class DeviceDocument
{
    /// <summary>Format of the file.</summary>
    public required int Version { get; set; }

    /// <summary>Name of the device that commands mean where none is named; null for none.</summary>
    public string? Default { get; set; }

    public required List<KnownDevice> Devices { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, IgnoreReadOnlyProperties = true, WriteIndented = true)]
[JsonSerializable(typeof(DeviceDocument))]
internal sealed partial class DeviceJson : JsonSerializerContext;

/// <summary>A device that this laptop was paired with, or reaches over a Unix socket.</summary>
/// <param name="Name">As the user calls it; unique in the book.</param>
/// <param name="Address">host:port, or the path of a Unix socket.</param>
/// <param name="Fingerprint">SHA-256 of the device's certificate, lower-case hexadecimal; null for a Unix socket, which needs none.</param>
/// <param name="PairedUtc">When it was paired or added.</param>
internal sealed record KnownDevice(string Name, string Address, string? Fingerprint, DateTime PairedUtc)
{
    public bool IsUnixSocket => Address.StartsWith('/');
}
