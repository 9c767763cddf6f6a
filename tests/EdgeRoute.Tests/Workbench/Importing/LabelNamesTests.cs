using EdgeRoute.Workbench.Importing;

namespace EdgeRoute.Tests.Workbench.Importing;

/// <summary>People have the names of classes in the file that they trained with.</summary>
public sealed class LabelNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("names.txt", "car\nfire truck\r\n\n", "car|fire truck")]
    [InlineData("names.txt", "0: car\n1: fire truck\n", "car|fire truck")]
    [InlineData("names.txt", "7: car\n1: fire truck\n", "7: car|1: fire truck")]
    [InlineData("names.txt", "[\n{\n", "[|{")]
    [InlineData("names.json", """["car", "fire truck"]""", "car|fire truck")]
    [InlineData("data.yaml", "path: x\nnc: 2\nnames:\n  0: car\n  1: 'fire truck'\n\ndownload: y\n", "car|fire truck")]
    [InlineData("data.yaml", "names:\n- car\n- \"fire truck\"\nval: x\n", "car|fire truck")]
    [InlineData("data.yaml", "names: ['car', 'fire truck']\nval: x\n", "car|fire truck")]
    [InlineData("data.yaml", "nc: 2\nnames: [car, fire truck]\n", "car|fire truck")]
    [InlineData("data.yaml", "names: {0: 'car', 1: 'fire truck'}\n", "car|fire truck")]
    [InlineData("data.yaml", "names: # two\n  1: fire truck # red\n  # and\n  0: car\n", "car|fire truck")]
    public void Names_are_found_in_it(string file, string text, string expected) =>
        Assert.Equal(expected.Split('|'), LabelNames.OfFile(_folder.Write(file, text)));

    [Theory]
    [InlineData("data.yaml", "path: x\n", "has no 'names'")]
    [InlineData("data.yaml", "names:\npath: x\n", "has no label")]
    [InlineData("data.yaml", "names:\n  1: car\n  2: truck\n", "2 names, and none is number 0")]
    [InlineData("data.yaml", "names: [car\n", "cannot be read as YAML")]
    [InlineData("names.txt", " \n", "has no label")]
    public void What_has_none_is_refused(string file, string text, string words) => Assert.Contains(words,
        Assert.Throws<InvalidDataException>(() => LabelNames.OfFile(_folder.Write(file, text))).Message, StringComparison.Ordinal);
}
