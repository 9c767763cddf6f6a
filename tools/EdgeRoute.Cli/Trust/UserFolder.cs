using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Cli.Trust;

/// <summary>
/// Folders of the user who runs the tool, as the XDG specification places them. Nothing is ever kept in the current folder: whoever has no
/// home is told so.
/// </summary>
internal static class UserFolder
{
    private const string Name = "edgeroute", ConfigVariable = "XDG_CONFIG_HOME", DataVariable = "XDG_DATA_HOME";

    /// <summary>Of keys and paired devices: $XDG_CONFIG_HOME/edgeroute, else ~/.config/edgeroute.</summary>
    /// <exception cref="TrustException">This user has no home.</exception>
    public static string Config() => FindConfig() ?? throw Homeless(ConfigVariable);

    /// <summary>The same; null where this user has no home, so that nothing can have been kept.</summary>
    public static string? FindConfig() => Find(ConfigVariable, ".config");

    /// <summary>Of what takes long to make again: $XDG_DATA_HOME/edgeroute, else ~/.local/share/edgeroute.</summary>
    /// <inheritdoc cref="Config"/>
    public static string Data() => Find(DataVariable, Path.Combine(".local", "share")) ?? throw Homeless(DataVariable);

    private static string? Find(string variable, string below)
    {
        string? set = Environment.GetEnvironmentVariable(variable);
        if (set is not null && Path.IsPathFullyQualified(set))
        {
            return Path.Combine(set, Name);
        }

        // Empty where the home of HOME, or of the list of users, does not exist; the root of the disk where that list has no such user.
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        bool isMadeUp = home == "/" && Environment.GetEnvironmentVariable("HOME") != home;
        return Path.IsPathFullyQualified(home) && !isMadeUp ? Path.Combine(home, below, Name) : null;
    }

    private static TrustException Homeless(string variable) =>
        new($"this user has no home: set {variable} to a folder that only this user may write");
}
