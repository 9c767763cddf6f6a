using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Cli.Trust;
using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Trust;

namespace EdgeRoute.Tests.ControlChannel.Trust;

/// <summary>Keys and certificates of both sides as files.</summary>
public sealed class IdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_device_keeps_what_it_made_at_first_use()
    {
        using var first = DeviceIdentity.LoadOrCreate(State, "robot 7");
        using var again = DeviceIdentity.LoadOrCreate(State, "another name");
        Assert.Equal(first.Fingerprint, again.Fingerprint);
        Assert.Equal("CN=robot 7", again.Certificate.Subject);
        Assert.True(again.Certificate.HasPrivateKey);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(again.Certificate.RawData)), again.Fingerprint);
        Assert.Equal(PrivateFile.Mode, FileModes.Of(DevicePlace));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, FileModes.Of(State));
        Assert.Equal([DevicePlace], Directory.GetFiles(State));
    }

    [Fact]
    public void Two_that_start_at_once_have_one_identity()
    {
        for (int round = 0; round < 20; round++)
        {
            string state = _folder.File($"state-{round}"), folder = _folder.File($"laptop-{round}");
            var fingerprints = new string[8];
            Parallel.For(0, fingerprints.Length, i =>
            {
                using var device = DeviceIdentity.LoadOrCreate(state, $"robot {i}");
                using var laptop = LaptopIdentity.LoadOrCreate(folder, $"laptop {i}");
                fingerprints[i] = device.Fingerprint + laptop.Fingerprint;
            });
            Assert.Single(fingerprints.Distinct());
            Assert.Single(Directory.GetFiles(state));
        }
    }

    /// <summary>Of many that take one name at the same moment, one has it, and the others are told.</summary>
    [Fact]
    public void A_private_file_is_created_once()
    {
        for (int round = 0; round < 50; round++)
        {
            string path = Path.Combine(State, $"{round}");
            using var together = new Barrier(4);
            var isMine = new bool[4];
            var threads = Enumerable.Range(0, isMine.Length).Select(i => new Thread(() =>
            {
                together.SignalAndWait();
                isMine[i] = PrivateFile.TryCreate(path, $"{i}");
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
            int owner = Array.IndexOf(isMine, true);
            Assert.Equal(1, isMine.Count(mine => mine));
            Assert.Equal($"{owner}", File.ReadAllText(path));
        }

        Assert.Equal(50, Directory.GetFiles(State).Length);
    }

    [Fact]
    public void A_damaged_device_file_is_refused_and_stays()
    {
        DeviceIdentity.LoadOrCreate(State, "robot").Dispose();
        string whole = File.ReadAllText(DevicePlace);
        var (otherKey, _) = SelfSigned.Create("other");
        string certificate = whole[whole.IndexOf("-----BEGIN CERT", StringComparison.Ordinal)..];
        string[] damaged = ["", "\n", "garbage", otherKey + certificate, otherKey, certificate,
            whole.Replace("BEGIN", "BEGUN", StringComparison.Ordinal)];
        foreach (string text in damaged.Concat(Enumerable.Range(0, (whole.Length - 30) / 40).Select(i => whole[..(40 * i)])))
        {
            File.WriteAllText(DevicePlace, text);
            Assert.Contains("every laptop must pair again",
                Assert.Throws<TrustException>(() => DeviceIdentity.LoadOrCreate(State, "robot")).Message, StringComparison.Ordinal);
            Assert.Equal(text, File.ReadAllText(DevicePlace));
        }
    }

    /// <summary>A disk that loses a bit must not turn the device into another one, or into one whose key does not fit.</summary>
    [Fact]
    public void One_wrong_bit_anywhere_is_refused_or_changes_nothing()
    {
        string fingerprint;
        using (var device = DeviceIdentity.LoadOrCreate(State, "robot"))
        {
            fingerprint = device.Fingerprint;
        }

        byte[] whole = File.ReadAllBytes(DevicePlace);
        int refusedCount = 0;
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(DevicePlace, damaged);
            try
            {
                using var device = DeviceIdentity.LoadOrCreate(State, "robot");
                Assert.True(fingerprint == device.Fingerprint, $"byte {i} made another identity");
            }
            catch (TrustException)
            {
                refusedCount++;
            }
        }

        Assert.InRange(refusedCount, whole.Length * 3 / 4, whole.Length);
    }

    [Fact]
    public void A_key_of_another_kind_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddYears(100));
        PrivateFile.Write(DevicePlace, key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem());
        Assert.Contains("not ECDSA P-256", Assert.Throws<TrustException>(() => DeviceIdentity.LoadOrCreate(State, "x")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_secret_that_others_may_touch_is_refused(UnixFileMode others)
    {
        DeviceIdentity.LoadOrCreate(State, "robot").Dispose();
        LaptopIdentity.LoadOrCreate(Laptop, "laptop").Dispose();
        FileModes.Set(DevicePlace, PrivateFile.Mode | others);
        FileModes.Set(Path.Combine(Laptop, LaptopIdentity.KeyFileName), PrivateFile.Mode | others);
        Assert.Contains("chmod 600", Assert.Throws<TrustException>(() => DeviceIdentity.LoadOrCreate(State, "robot")).Message,
            StringComparison.Ordinal);
        Assert.Contains("chmod 600", Assert.Throws<TrustException>(() => LaptopIdentity.LoadOrCreate(Laptop, "laptop")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_laptop_keeps_two_files_and_neither_without_the_other()
    {
        using var first = LaptopIdentity.LoadOrCreate(Laptop, "laptop");
        using var again = LaptopIdentity.LoadOrCreate(Laptop, "laptop");
        Assert.Equal(first.Fingerprint, again.Fingerprint);
        foreach (string name in new[] { LaptopIdentity.KeyFileName, LaptopIdentity.CertificateFileName })
        {
            string path = Path.Combine(Laptop, name), kept = File.ReadAllText(path);
            Assert.Equal(PrivateFile.Mode, FileModes.Of(path));
            File.Delete(path);
            Assert.Contains("is missing beside", Assert.Throws<TrustException>(() => LaptopIdentity.LoadOrCreate(Laptop, "laptop")).Message,
                StringComparison.Ordinal);
            Assert.False(File.Exists(path));
            PrivateFile.Write(path, kept[..(kept.Length / 2)]);
            var refusal = Assert.Throws<TrustException>(() => LaptopIdentity.LoadOrCreate(Laptop, "laptop"));
            Assert.Contains("every device must be paired again", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(kept[..(kept.Length / 2)], File.ReadAllText(path));
            PrivateFile.Write(path, kept);
        }
    }

    [Fact]
    public void A_state_folder_that_cannot_be_made_is_told()
    {
        string file = _folder.Write("a file", "");
        Assert.Throws<TrustException>(() => DeviceIdentity.LoadOrCreate(Path.Combine(file, "state"), "robot"));
    }

    private string State => _folder.File("state");

    private string Laptop => _folder.File("laptop");

    private string DevicePlace => Path.Combine(State, DeviceIdentity.FileName);
}
