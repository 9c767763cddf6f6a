namespace EdgeRoute.Tests;

/// <summary>A temporary folder that is deleted with the test.</summary>
public sealed class TestFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("edgeroute-test-").FullName;

    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Writes a file, with its folders; returns its full path.</summary>
    public string Write(string relativePath, string text)
    {
        string path = At(relativePath.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
