using System.Globalization;
using System.Net;
using System.Text;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Documents.Configs;

/// <summary>How one answer is written where it may be either.</summary>
public enum AnswerFormat
{
    /// <summary>The object that a line of a file has.</summary>
    Json,

    /// <summary>The map that the control channel sends.</summary>
    MessagePack,
}

/// <summary>Answers for whoever opens a WebSocket, such as a page in a browser.</summary>
/// <param name="Listen">With port 0 a free one is chosen at start.</param>
/// <param name="Format">Where a client does not say.</param>
/// <param name="TokenFile">Whoever connects must know what it says; null: nothing.</param>
/// <param name="IsForAnyone">Whoever reaches the address may read.</param>
/// <param name="Origins">Pages that may read, as browsers name them; null: see the gate.</param>
public sealed record WebSocketOutputConfig(string Name, IPEndPoint Listen, AnswerFormat Format, ConfigPath? TokenFile, bool IsForAnyone,
    IReadOnlyList<string>? Origins) : OutputConfig(Name, OutputKind.WebSocket)
{
    /// <summary>Half of what a person reads off a screen would be guessed; 16 letters are not.</summary>
    private const int TokenLeast = 16;

    private const int TokenBytes = 1024;

    private const string AnyOrigin = "*";

    /// <summary>PEM files of TLS: a certificate with those that lead to its authority's, and its key; null for plain HTTP.</summary>
    public ConfigPath? Certificate { get; init; }

    public ConfigPath? Key { get; init; }

    /// <summary>A free port is never that of another output.</summary>
    internal override (string Key, string Value) Own => ("listen", Listen.Port == 0 ? $"{Listen} of {Name}" : Listen.ToString());

    /// <summary>What the token file says; null where none is named.</summary>
    /// <exception cref="TrustException">It is missing, open to others, or no token.</exception>
    public string? ReadToken()
    {
        if (TokenFile is null)
        {
            return null;
        }

        string token = PrivateFile.ReadSecret(TokenFile.Full, TokenBytes);
        return token.Length >= TokenLeast && !token.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) ? token
            : throw new TrustException($"'{TokenFile.Full}' must hold a token of at least {TokenLeast} characters on one line, without "
                + "spaces; such as `openssl rand -hex 16` makes");
    }

    /// <param name="control">Whose addresses must not be in the way; null where there is none.</param>
    internal static WebSocketOutputConfig? Read(string name, ConfigSection section, ControlConfig? control)
    {
        var listen = AddressOf(section);
        var output = new WebSocketOutputConfig(name, listen ?? new IPEndPoint(IPAddress.Loopback, 0),
            section.Choice("format", ConfigEnums.AnswerFormats, AnswerFormat.Json), section.Path("token_file", PathNeed.File),
            section.Flag("anyone", fallback: false), OriginsOf(section))
        {
            Certificate = section.Path("certificate", PathNeed.File),
            Key = section.Path("key", PathNeed.File),
        };
        if (section.Has("certificate") != section.Has("key"))
        {
            section.ReportAt(section.At, $"{section.Name} has one of 'certificate' and 'key'; TLS wants both");
        }

        if (output is { IsForAnyone: true, TokenFile: not null })
        {
            section.Report("anyone", "is true, and there is a 'token_file'; write one of them");
        }

        if (output.TokenFile is { } file && File.Exists(file.Full))
        {
            ReportToken(section, output);
        }

        if (listen is null)
        {
            return null;
        }

        if (!IPAddress.IsLoopback(listen.Address) && output is { IsForAnyone: false, TokenFile: null })
        {
            section.Report("listen", $"is {listen}, which others on the network reach: name a 'token_file' that they must know, or write "
                + "'anyone: true' if all of them may read");
        }

        CheckPort(section, listen, control, isTls: output.Certificate is not null);
        return output;
    }

    internal override void AddTo(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"    listen: {EffectiveText.Quoted(Listen.ToString())}\n    format: "
            + $"{ConfigEnums.Of(ConfigEnums.AnswerFormats, Format)}\n");
        text.Append(TokenFile is { } file ? $"    token_file: {EffectiveText.Quoted(file.Written)}\n" : "");
        text.Append(Certificate is { } chain ? $"    certificate: {EffectiveText.Quoted(chain.Written)}\n" : "");
        text.Append(Key is { } key ? $"    key: {EffectiveText.Quoted(key.Written)}\n" : "");
        text.Append(CultureInfo.InvariantCulture, $"    anyone: {(IsForAnyone ? "true" : "false")}\n");
        text.Append(Origins is null ? "" : $"    origins: [{string.Join(", ", Origins.Select(EffectiveText.Quoted))}]\n");
    }

    private static IPEndPoint? AddressOf(ConfigSection section)
    {
        if (section.Text("listen", isRequired: true) is not { } text)
        {
            return null;
        }

        // A number alone is an address too, to the parser: 8090 is 0.0.31.154.
        int colon = text.LastIndexOf(':');
        bool hasPort = colon > 0 && (text[0] == '[' ? text[colon - 1] == ']' : text.AsSpan().Count(':') == 1);
        if (hasPort && IPEndPoint.TryParse(text, out var address))
        {
            return address;
        }

        section.Report("listen", $"is '{text}'; write an address of this machine and a port, such as 127.0.0.1:8090 (this machine only) or "
            + "0.0.0.0:8090 (every network); port 0 takes a free one");
        return null;
    }

    private static void CheckPort(ConfigSection section, IPEndPoint listen, ControlConfig? control, bool isTls)
    {
        if (control?.Tcp is { } tcp && ControlReader.IsShared(tcp, listen))
        {
            section.Report("listen", $"is {listen}, the port of control.tcp ({tcp}); give each its own");
        }

        if (control?.Metrics is { } metrics && (isTls || !metrics.Equals(listen)) && ControlReader.IsShared(metrics, listen))
        {
            string advice = isTls ? "these are served without TLS: give each its own"
                : "write the same address to share it, or another port";
            section.Report("listen", $"is {listen}, the port of control.metrics ({metrics}); {advice}");
        }
    }

    private static void ReportToken(ConfigSection section, WebSocketOutputConfig output)
    {
        try
        {
            output.ReadToken();
        }
        catch (TrustException refused)
        {
            section.ReportOfMachine("token_file", refused.Message);
        }
    }

    private static List<string>? OriginsOf(ConfigSection section)
    {
        if (section.List("origins", () => ConfigShapes.List(ConfigShapes.Text(), 0, int.MaxValue)) is not { } items)
        {
            return null;
        }

        var origins = new List<string>();
        foreach (var item in items)
        {
            string text = (item as YamlScalar)?.Text ?? "";
            if (text == AnyOrigin || IsOrigin(text))
            {
                origins.Add(text);
            }
            else
            {
                section.ReportAt(item.At, $"{section.Name}.origins has '{text}'; an origin is what stands in a page's address before its "
                    + "path, such as https://dashboard.lan or http://robot:3000, or '*' for any page of the world");
            }
        }

        return origins;
    }

    private static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0
        && uri.UserInfo.Length == 0 && text.Equals($"{uri.Scheme}://{uri.Authority}", StringComparison.OrdinalIgnoreCase);
}
