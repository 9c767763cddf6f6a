using System.Globalization;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Documents.Configs;

/// <summary>One thing to mend in a config file, in a form that editors and terminals turn into a link.</summary>
public sealed record ConfigProblem(string File, ConfigPlace At, string Message)
{
    /// <summary>Without the credentials that an address quoted in the message may hold: this is what is printed.</summary>
    public override string ToString() => AddressText.WithoutSecrets(At.Line == 0
        ? $"{File}: {Message}"
        : string.Create(CultureInfo.InvariantCulture, $"{File}:{At.Line}:{At.Column}: {Message}"));
}
