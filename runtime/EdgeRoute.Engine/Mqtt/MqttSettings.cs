using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeRoute.Documents.Configs;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Protocol;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>How a broker is called: from the config to the library's options. Made anew for each connection.</summary>
internal sealed class MqttSettings : IMqttClientCertificatesProvider, IDisposable
{
    /// <summary>A broker that says nothing for one and a half of it is taken for gone.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private readonly MqttOutputConfig _config;
    private readonly X509CertificateCollection _own = [];

    /// <exception cref="Interop.Linux.TrustException">A file of a password, key or certificate cannot be used.</exception>
    /// <exception cref="FormatException">The address names a variable that is not set.</exception>
    public MqttSettings(MqttOutputConfig config)
    {
        _config = config;
        Address = MqttAddress.Of(config.Broker, out string problem) ?? throw new FormatException($"the broker's address {problem}");
        Options = new MqttClientOptions
        {
            ClientId = config.ClientId,
            ProtocolVersion = config.Version == MqttVersion.Five ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311,
            CleanSession = true,
            KeepAlivePeriod = KeepAlive,
            Timeout = MqttLink.AnswerLimit,
            WillTopic = new MqttTopics(config.Topic).Availability,
            WillPayload = Encoding.ASCII.GetBytes(MqttTopics.Offline),
            WillRetain = true,
            WillQualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            ChannelOptions = new MqttClientTcpOptions
            {
                RemoteEndpoint = new DnsEndPoint(Address.Host, Address.Port),
                // What was sent last is still delivered when the connection is closed.
                LingerState = new System.Net.Sockets.LingerOption(false, 0),
                TlsOptions = Tls(),
            },
        };
        if ((config.User ?? Address.User) is { } user)
        {
            string password = config.PasswordFile is { } file ? MqttFiles.ReadPassword(file.Full) : Address.Password;
            Options.Credentials = new MqttClientCredentials(user, password.Length > 0 ? Encoding.UTF8.GetBytes(password) : null);
        }
    }

    public MqttAddress Address { get; }

    public MqttClientOptions Options { get; }

    /// <summary>What was wrong with the broker's certificate, in words; null for nothing, or where none was shown.</summary>
    public string? CertificateFault { get; private set; }

    /// <summary>The fault may go by itself: the clock of a board without a battery is yet to be set when it starts.</summary>
    public bool IsFaultOfTime { get; private set; }

    X509CertificateCollection IMqttClientCertificatesProvider.GetCertificates() => _own;

    public void Dispose()
    {
        foreach (var certificate in _own)
        {
            certificate.Dispose();
        }
    }

    private MqttClientTlsOptions Tls()
    {
        var tls = new MqttClientTlsOptions
        {
            UseTls = Address.IsTls,
            SslProtocol = SslProtocols.None,
            TargetHost = Address.Host,
            // Private authorities publish no lists of what they revoked, and a robot often cannot fetch those of others.
            RevocationMode = X509RevocationMode.NoCheck,
            CertificateValidationHandler = Judge,
        };
        if (_config.CaFile is { } authorities)
        {
            tls.TrustChain = MqttFiles.ReadAuthorities(authorities.Full);
            tls.IgnoreCertificateRevocationErrors = true;
        }

        if (_config.CertificateFile is { } own)
        {
            _own.Add(MqttFiles.ReadCertificate(own.Full, (_config.KeyFile ?? own).Full));
            tls.ClientCertificatesProvider = this;
        }

        return tls;
    }

    /// <summary>The system's own judgement; kept in words.</summary>
    private bool Judge(MqttClientCertificateValidationEventArgs shown)
    {
        var errors = shown.SslPolicyErrors;
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var faults = shown.Chain?.ChainStatus.Select(s => s.Status).Aggregate(X509ChainStatusFlags.NoError, (a, b) => a | b)
            ?? X509ChainStatusFlags.NoError;
        IsFaultOfTime = faults == X509ChainStatusFlags.NotTimeValid && (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0;
        CertificateFault = WordsOf(errors, faults);
        return false;
    }

    private string WordsOf(SslPolicyErrors errors, X509ChainStatusFlags faults)
    {
        if ((errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
        {
            return "the broker shows no certificate";
        }

        if (IsFaultOfTime)
        {
            return $"the broker's certificate is not valid at {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, the time of this machine: it has "
                + "expired, or the clock is wrong";
        }

        string authority = _config.CaFile is { } file ? $"no authority in 'ca_file' {file.Written}"
            : "no authority that this system believes; name its file as 'ca_file'";
        return (faults & ~X509ChainStatusFlags.NotTimeValid) != 0 ? $"the broker's certificate is signed by {authority} ({faults})"
            : $"the broker's certificate is not for '{Address.Host}'; use a name that it is for in the address";
    }
}

/// <summary>Channels over TCP alone: those over WebSocket would bring the framework's HTTP client into the program.</summary>
internal sealed class MqttChannels : IMqttClientAdapterFactory
{
    public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger)
    {
        var writer = new MqttBufferWriter(options.WriterBufferSize, options.WriterBufferSizeMax);
        return new MqttChannelAdapter(new MqttTcpChannel(options), new MqttPacketFormatterAdapter(options.ProtocolVersion, writer), logger)
        {
            AllowPacketFragmentation = options.AllowPacketFragmentation,
        };
    }
}

/// <summary>Topics below the one that the config names.</summary>
internal sealed class MqttTopics(string top)
{
    public const string Online = "online", Offline = "offline";

    public string Availability { get; } = $"{top}/availability";

    public string Status { get; } = $"{top}/status";

    /// <summary>Of a source; of the whole device where that is empty.</summary>
    public string EventsOf(string source) => source.Length == 0 ? $"{top}/events" : Of(source, "events");

    public string Of(string source, string what) => $"{top}/{source}/{what}";

    public string RuleOf(string source, string rule) => $"{top}/{source}/rules/{rule}";

    /// <summary>A text as a word of letters, digits, '_' and '-'.</summary>
    public static string Slug(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '_'));
}
