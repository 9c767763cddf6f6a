using System.Security.Cryptography;
using System.Text;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Documents.Configs;

/// <summary>A whole device config with every default filled in: immutable, checked, ready to build an engine from.</summary>
/// <param name="FilePath">The file it was read from; paths inside are relative to its folder.</param>
/// <param name="Trace">File of trace records; null writes none.</param>
/// <param name="Record">Recording; null writes none.</param>
public sealed record DeviceConfig(
    string FilePath, RuntimeConfig Runtime, IReadOnlyList<PackConfig> Packs, IReadOnlyList<SourceConfig> Sources, ConfigPath? Trace, RecordConfig? Record)
{
    /// <summary>The control channel; null for none.</summary>
    public ControlConfig? Control { get; init; }

    /// <summary>
    /// The config in one canonical form: all defaults filled in, one order, no comments. It is itself a valid config with the same effect.
    /// Paths stay as written, so that the same config in another folder has the same hash.
    /// </summary>
    public string Effective() => EffectiveText.Of(this);

    /// <summary><see cref="Effective"/> with the credentials of addresses and pipelines hidden: what may be printed. The hash is not of this text.</summary>
    public string Printable() => (this with { Sources = [.. Sources.Select(WithoutSecrets)] }).Effective();

    /// <summary>SHA-256 of <see cref="Effective"/> as 32 bytes: two runs with equal hashes had equal configs.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes(Effective()));

    /// <summary><see cref="Hash"/> as 64 lower-case hexadecimal digits.</summary>
    public string HashText() => Convert.ToHexStringLower(Hash());

    public PackConfig PackOf(SourceConfig source) => Packs.First(p => p.Name == source.PackName);

    private static SourceConfig WithoutSecrets(SourceConfig source) =>
        source with { Address = source.Address with { Text = AddressText.WithoutSecrets(source.Address.Text) } };
}
