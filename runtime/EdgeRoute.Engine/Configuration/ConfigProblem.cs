using System.Globalization;

namespace EdgeRoute.Engine.Configuration;

/// <summary>One thing to mend in a config file, in a form that editors and terminals turn into a link.</summary>
public sealed record ConfigProblem(string File, ConfigPlace At, string Message)
{
    public override string ToString() => At.Line == 0
        ? $"{File}: {Message}"
        : string.Create(CultureInfo.InvariantCulture, $"{File}:{At.Line}:{At.Column}: {Message}");
}
