namespace EdgeRoute.Tests.ControlChannel.Trust;

/// <summary>File modes where there are any; the tests run on Linux only, which the compiler cannot know.</summary>
internal static class FileModes
{
    public static UnixFileMode Of(string path) => OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException()
        : File.GetUnixFileMode(path);

    public static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
