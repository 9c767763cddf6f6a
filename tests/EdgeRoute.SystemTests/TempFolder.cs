namespace EdgeRoute.SystemTests;

/// <summary>A folder of one test, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edgeroute-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    /// <summary>
    /// A copy of a program that may be started at once. Another process writes it: what this one holds open for writing, a test that starts
    /// a program at that moment hands on to its child, and as long as anyone may write a program it does not start.
    /// </summary>
    public string Program(string path)
    {
        string copy = File(System.IO.Path.GetFileName(path));
        using var copying = System.Diagnostics.Process.Start("cp", [path, copy]);
        copying.WaitForExit();
        Assert.Equal(0, copying.ExitCode);
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
