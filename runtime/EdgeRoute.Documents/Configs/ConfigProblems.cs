using System.Globalization;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Documents.Configs;

/// <summary>Collects every problem of one file, so that its author mends them in one go.</summary>
internal sealed class ConfigProblems(string file)
{
    /// <summary>Problems reported. A file with more is not a device config at all, and the first ones tell that.</summary>
    public const int ProblemLimit = 100;

    private readonly List<ConfigProblem> _list = [];
    private int _leftOut;

    public int Count => _list.Count + _leftOut;

    public void Add(ConfigPlace at, string message)
    {
        if (_list.Count < ProblemLimit)
        {
            _list.Add(new ConfigProblem(file, at, message));
        }
        else
        {
            _leftOut++;
        }
    }

    /// <summary>All problems in the order of the file; the last says how many were left out.</summary>
    public IReadOnlyList<ConfigProblem> ToList()
    {
        var sorted = _list.OrderBy(p => p.At.Line).ThenBy(p => p.At.Column).ToList();
        if (_leftOut > 0)
        {
            sorted.Add(new ConfigProblem(file, default, $"{_leftOut} more problems are not shown; mend the first {ProblemLimit}"));
        }

        return sorted;
    }
}

/// <summary>A place in a config file; line and column count from 1, and 0 means the file as a whole.</summary>
public readonly record struct ConfigPlace(long Line, long Column);

/// <summary>One thing to mend in a config file, in a form that editors and terminals turn into a link.</summary>
public sealed record ConfigProblem(string File, ConfigPlace At, string Message)
{
    /// <summary>Without the credentials that an address quoted in the message may hold: this is what is printed.</summary>
    public override string ToString() => AddressText.WithoutSecrets(At.Line == 0
        ? $"{File}: {Message}"
        : string.Create(CultureInfo.InvariantCulture, $"{File}:{At.Line}:{At.Column}: {Message}"));
}
