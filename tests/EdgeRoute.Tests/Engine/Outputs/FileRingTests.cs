using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Outputs;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class FileRingTests : IDisposable
{
    private static readonly DateTime Now = new(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _reports = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_oldest_go_until_the_rest_fits_and_that_is_told()
    {
        Make("a.erec", days: 3, megabytes: 2);
        Make("b.erec", days: 2, megabytes: 2);
        Make("c.erec", days: 1, megabytes: 2);
        Make("other.txt", days: 9, megabytes: 2);
        Ring(new DiskConfig(4, 30, 1, 0)).Trim([], Now);
        Assert.Equal(["b.erec", "c.erec", "other.txt"], Names());
        Assert.Contains("a.erec", Assert.Single(_reports), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_old_goes_however_little_it_is()
    {
        Make("a.erec", days: 31, megabytes: 0);
        Make("b.erec", days: 29, megabytes: 0);
        Ring(DiskConfig.Usual).Trim([], Now);
        Assert.Equal(["b.erec"], Names());
    }

    [Fact]
    public void What_is_being_written_counts_and_stays()
    {
        Make("a.erec", days: 3, megabytes: 3);
        Make("b.erec", days: 2, megabytes: 3);
        Ring(new DiskConfig(4, 30, 1, 0)).Trim([_folder.File("a.erec")], Now);
        Assert.Equal(["a.erec"], Names());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_no_fault()
    {
        new FileRing(_folder.File("none"), _ => true, DiskConfig.Usual, _reports.Add).Trim([], Now);
        Assert.Empty(_reports);
    }

    private FileRing Ring(DiskConfig disk) => new(_folder.Path, n => n.EndsWith(".erec", StringComparison.Ordinal), disk, _reports.Add);

    private IEnumerable<string> Names() => Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    private void Make(string name, int days, int megabytes)
    {
        using (var file = File.Create(_folder.File(name)))
        {
            file.SetLength(megabytes * DiskConfig.Megabyte);
        }

        File.SetLastWriteTimeUtc(_folder.File(name), Now.AddDays(-days));
    }
}
