using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Pairing;

namespace EdgeRoute.ControlChannel.Trust;

/// <summary>
/// A pairing code that a flash tool left in the state folder, for a robot without a screen. It is good for one attempt to prove it, however
/// that ends.
/// </summary>
public sealed class ProvisionedCode
{
    /// <summary>Name of the file in the state folder: the digits on one line.</summary>
    public const string FileName = "pairing-code";

    /// <summary>The longest code, white space and a byte order mark.</summary>
    private const int BytesMax = 256;

    private readonly string _path;

    private ProvisionedCode(string path, string code)
    {
        _path = path;
        Code = code;
    }

    public string Code { get; }

    /// <summary>Null where no code was left.</summary>
    /// <exception cref="TrustException">The file does not hold a code. It stays as it is, and no window is opened.</exception>
    public static ProvisionedCode? TryLoad(string stateFolder)
    {
        string path = Path.Combine(stateFolder, FileName);
        string? code = PrivateFile.TryRead(path, BytesMax)?.Trim('\uFEFF', ' ', '\t', '\r', '\n');
        if (code is null)
        {
            return null;
        }

        if (PairingTerms.IsCode(code))
        {
            return new ProvisionedCode(path, code);
        }

        throw new TrustException($"'{path}' does not hold a pairing code: "
                + $"{PairingTerms.DigitCount} to {PairingTerms.DigitCountMax} digits are expected, on one line. Write one, or remove it.");
    }

    /// <summary>Removes the file: the code is never good again.</summary>
    /// <exception cref="TrustException">It cannot be removed, so the code must not be used.</exception>
    internal void Burn()
    {
        try
        {
            PrivateFile.Delete(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TrustException(
                $"the pairing code '{_path}' cannot be removed, so it would be good twice: {failure.Message}. Remove it by hand and use "
                    + "'edgerouted pair'.", failure);
        }
    }
}
