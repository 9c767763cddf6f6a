using System.Net.Sockets;
using System.Security.Authentication;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;
using MQTTnet;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>Why there is no connection, with what to do.</summary>
/// <param name="IsLasting">Trying again soon will not help: somebody has to change something.</param>
internal sealed record MqttRefusal(string Words, bool IsLasting)
{
    /// <summary>The broker answered, and refused.</summary>
    public static MqttRefusal Of(MqttClientConnectResult result, MqttOutputConfig config, string? user)
    {
        string said = string.IsNullOrEmpty(result.ReasonString) ? $"{result.ResultCode}" : $"{result.ResultCode}: {result.ReasonString}";
        return result.ResultCode switch
        {
            MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized => new(user is null
                ? $"the broker lets nobody in without a user ({said}): give 'user' and 'password_file'"
                : $"the broker does not let user '{user}' in ({said}): the password is wrong, or the broker does not know the user", true),
            MqttClientConnectResultCode.ClientIdentifierNotValid => new($"the broker refuses the client id '{config.ClientId}' ({said}): "
                + "give another as 'client_id'", true),
            MqttClientConnectResultCode.UnsupportedProtocolVersion => new($"the broker does not speak this version of MQTT ({said}): write "
                + $"version: {(config.Version == MqttVersion.Five ? "3.1.1" : "5")}", true),
            MqttClientConnectResultCode.ServerUnavailable or MqttClientConnectResultCode.ServerBusy
                or MqttClientConnectResultCode.QuotaExceeded or MqttClientConnectResultCode.ConnectionRateExceeded
                or MqttClientConnectResultCode.UnspecifiedError => new($"the broker refuses just now ({said})", false),
            _ => new($"the broker refuses ({said})", true),
        };
    }

    /// <summary>No answer came.</summary>
    /// <param name="settings">Null where they could not be made.</param>
    public static MqttRefusal Of(Exception failed, MqttSettings? settings, MqttOutputConfig config)
    {
        if (settings is null)
        {
            return new(failed.Message, failed is TrustException or FormatException);
        }

        string place = $"{settings.Address.Host}:{settings.Address.Port}";
        if (settings.CertificateFault is { } fault)
        {
            return new(fault, !settings.IsFaultOfTime);
        }

        var causes = new List<Exception>();
        for (var cause = failed; cause is not null; cause = cause.InnerException)
        {
            causes.Add(cause);
        }

        string hint = HintOf(settings.Address, config);
        if (causes.OfType<SocketException>().FirstOrDefault() is { } socket)
        {
            return new(WordsOf(socket, settings.Address, hint), false);
        }

        if (causes.Exists(c => c is AuthenticationException) || (settings.Address.IsTls && causes.Exists(c => c is IOException)))
        {
            return new($"TLS with {place} failed ({causes[^1].Message.TrimEnd('.')}){hint}", true);
        }

        return causes.Exists(c => c is OperationCanceledException or TimeoutException)
            ? new($"{place} did not answer within {MqttLink.AnswerLimit.TotalSeconds} s", false)
            : new($"{place} closed the connection instead of answering ({causes[^1].Message.TrimEnd('.')}){hint}", false);
    }

    /// <summary>A connection that was there has ended.</summary>
    public static MqttRefusal OfEnd(MqttClientDisconnectedEventArgs? end, MqttOutputConfig config)
    {
        string said = string.IsNullOrEmpty(end?.ReasonString) ? "" : $": {end.ReasonString}";
        return end?.Reason switch
        {
            MqttClientDisconnectReason.SessionTakenOver => new($"another client came by the id '{config.ClientId}': give each its own "
                + "'client_id'", true),
            MqttClientDisconnectReason.ServerShuttingDown => new($"the broker was shut down{said}", false),
            MqttClientDisconnectReason.NotAuthorized => new($"the broker no longer lets this client in{said}", true),
            MqttClientDisconnectReason.PacketTooLarge => new($"the broker takes no message so large{said}: raise its limit, or tell less "
                + "('min_confidence', 'classes')", false),
            _ when end?.Exception is OperationCanceledException => new("it no longer answers", false),
            null => new($"it took nothing for {MqttLink.AnswerLimit.TotalSeconds} s", false),
            > MqttClientDisconnectReason.UnspecifiedError and var reason => new($"the broker ended it ({reason}{said})", false),
            _ => new(end?.Exception is { } fault ? fault.GetBaseException().Message.TrimEnd('.')
                : $"the broker closed it without a word; if it does so again, look whether another client uses the id '{config.ClientId}', "
                    + $"and whether this one may write to all of '{config.Topic}/#'", false),
        };
    }

    private static string WordsOf(SocketException failed, MqttAddress address, string hint)
    {
        string place = $"{address.Host}:{address.Port}";
        return failed.SocketErrorCode switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the host '{address.Host}' is unknown: the name is "
                + "wrong, or no name server answers",
            SocketError.ConnectionRefused => $"nothing listens at {place}: is the broker running, and is that its port?",
            SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NotConnected or SocketError.Shutdown =>
                $"{place} ended the connection instead of answering{hint}",
            SocketError.TimedOut => $"{place} does not answer",
            _ => $"{place} cannot be reached: {failed.Message}",
        };
    }

    /// <summary>What a broker that hangs up most likely minds.</summary>
    private static string HintOf(MqttAddress address, MqttOutputConfig config)
    {
        if (!address.IsTls)
        {
            return "; does that port want mqtts://?";
        }

        return config.CertificateFile is null
            ? "; does that port speak TLS, and does the broker want a certificate from here ('certificate_file')?"
            : "; does that port speak TLS, and does the broker believe 'certificate_file'?";
    }
}
