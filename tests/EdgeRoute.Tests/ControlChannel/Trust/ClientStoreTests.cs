using EdgeRoute.ControlChannel.Trust;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.ControlChannel.Trust;

/// <summary>The list of paired clients and its file.</summary>
public sealed class ClientStoreTests : IDisposable
{
    private static readonly DateTime Utc = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Clients_survive_a_restart_and_the_file_is_the_owners_alone()
    {
        var store = ClientStore.Load(_folder.Path);
        Assert.False(File.Exists(Place));
        store.Add("Ada's laptop", Fingerprint(1), ControlRole.Operator, Utc);
        store.Add("wall screen", Fingerprint(2), ControlRole.Viewer, Utc.AddDays(1));
        Assert.Equal(store.List(), ClientStore.Load(_folder.Path).List());
        Assert.Equal(Utc, ClientStore.Load(_folder.Path).List()[0].PairedUtc);
        Assert.Equal(PrivateFile.Mode, FileModes.Of(Place));
        Assert.Equal([Place], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Pairing_again_replaces_and_a_name_is_one_clients()
    {
        var store = ClientStore.Load(_folder.Path);
        store.Add("laptop", Fingerprint(1), ControlRole.Viewer, Utc);
        Assert.Equal("laptop-2", store.Add("laptop", Fingerprint(2), ControlRole.Viewer, Utc).Name);
        Assert.Equal("laptop", store.Add("laptop", Fingerprint(1), ControlRole.Operator, Utc).Name);
        Assert.Equal(2, store.Count);
        Assert.Equal(ControlRole.Operator, store.Find(Fingerprint(1))!.Role);
    }

    [Theory]
    [InlineData("\u001b[2Jevil", "[2Jevil")]
    [InlineData("a\u202eb\n", "ab")]
    [InlineData("  ", "unnamed")]
    [InlineData("Zoë 🤖", "Zoë 🤖")]
    public void Names_of_strangers_do_nothing_to_a_terminal(string given, string kept) =>
        Assert.Equal(kept, ClientStore.Load(_folder.Path).Add(given, Fingerprint(1), ControlRole.Viewer, Utc).Name);

    [Fact]
    public void A_client_is_revoked_by_name_or_by_the_beginning_of_its_fingerprint()
    {
        var store = ClientStore.Load(_folder.Path);
        store.Add("a", new string('a', 63) + "1", ControlRole.Viewer, Utc);
        store.Add("b", new string('a', 63) + "2", ControlRole.Viewer, Utc);
        store.Add("c", Fingerprint(3), ControlRole.Viewer, Utc);
        Assert.Equal(RpcErrorCode.NotFound, Refusal(() => store.Revoke("nobody")));
        Assert.Equal(RpcErrorCode.NotFound, Refusal(() => store.Revoke(Fingerprint(3)[..(ClientStore.PrefixLengthMin - 1)])));
        Assert.Equal(RpcErrorCode.Conflict, Refusal(() => store.Revoke("aaaaaaaaaa")));
        Assert.Equal(3, store.Count);
        Assert.Equal("c", store.Revoke(Fingerprint(3)[..ClientStore.PrefixLengthMin].ToUpperInvariant()).Name);
        Assert.Equal("a", store.Revoke("a").Name);
        Assert.Equal("b", Assert.Single(ClientStore.Load(_folder.Path).List()).Name);
    }

    [Fact]
    public void A_role_changes_and_is_told()
    {
        var store = ClientStore.Load(_folder.Path);
        var before = store.Add("a", Fingerprint(1), ControlRole.Viewer, Utc);
        var changes = new List<ClientChange>();
        store.Changed += changes.Add;
        var after = store.SetRole("a", ControlRole.Operator);
        Assert.Equal([new ClientChange(before, after)], changes);
        Assert.Equal(ControlRole.Operator, ClientStore.Load(_folder.Path).Find(Fingerprint(1))!.Role);
        Assert.Equal(RpcErrorCode.BadRequest, Refusal(() => store.SetRole("a", ControlRole.Stranger)));
    }

    [Fact]
    public void Of_many_who_revoke_one_client_at_once_one_does()
    {
        var store = ClientStore.Load(_folder.Path);
        for (int i = 0; i < 8; i++)
        {
            store.Add($"c{i}", Fingerprint(i), ControlRole.Viewer, Utc);
        }

        int changes = 0, refusals = 0;
        store.Changed += _ => Interlocked.Increment(ref changes);
        Parallel.For(0, 32, i =>
        {
            try
            {
                store.Revoke($"c{i % 8}");
            }
            catch (RpcRefusedException)
            {
                Interlocked.Increment(ref refusals);
            }
        });
        Assert.Equal((8, 24, 0), (changes, refusals, store.Count));
        Assert.Empty(ClientStore.Load(_folder.Path).List());
    }

    [Fact]
    public void A_client_is_revoked_even_where_the_file_cannot_be_written_and_one_is_not_added()
    {
        var store = ClientStore.Load(_folder.Path);
        store.Add("a", Fingerprint(1), ControlRole.Viewer, Utc);
        File.Delete(Place);
        Directory.CreateDirectory(Path.Combine(Place, "in the way"));
        int changes = 0;
        store.Changed += _ => changes++;
        Assert.Contains("will be back", Assert.Throws<TrustException>(() => store.Revoke("a")).Message, StringComparison.Ordinal);
        Assert.Throws<TrustException>(() => store.Add("b", Fingerprint(2), ControlRole.Viewer, Utc));
        Assert.Equal((1, 0), (changes, store.Count));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_and_stays()
    {
        var store = ClientStore.Load(_folder.Path);
        store.Add("a", Fingerprint(1), ControlRole.Viewer, Utc);
        string whole = File.ReadAllText(Place).TrimEnd();
        for (int length = 0; length < whole.Length; length++)
        {
            AssertRefused(whole[..length]);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"version":2,"clients":[]}""")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":1,"clients":null}""")]
    [InlineData("""{"version":1,"clients":[null]}""")]
    [InlineData("""{"version":1,"clients":[],"more":1}""")]
    [InlineData("""{"version":1,"clients":[{"name":"a","fingerprint":"ab","role":"viewer","paired_utc":"2026-03-01T12:00:00Z"}]}""")]
    [InlineData("""{"version":1,"clients":[{"name":"a","fingerprint":"F","role":"root","paired_utc":"2026-03-01T12:00:00Z"}]}""")]
    [InlineData("""{"version":1,"clients":[{"name":"a","fingerprint":"F","paired_utc":"2026-03-01T12:00:00Z"}]}""")]
    [InlineData("""{"version":1,"clients":[{"name":null,"fingerprint":"F","role":"viewer","paired_utc":"2026-03-01T12:00:00Z"}]}""")]
    public void A_file_that_is_not_the_list_is_refused_and_stays(string text) =>
        AssertRefused(text.Replace("\"F\"", $"\"{Fingerprint(1)}\"", StringComparison.Ordinal));

    [Fact]
    public void No_flipped_bit_passes_unseen()
    {
        var store = ClientStore.Load(_folder.Path);
        store.Add("a", Fingerprint(1), ControlRole.Viewer, Utc);
        store.Add("b", Fingerprint(2), ControlRole.Operator, Utc);
        byte[] whole = File.ReadAllBytes(Place);
        var clients = store.List();
        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(Place, flipped);
            try
            {
                // Between its parts JSON has white space, and there a bit may change nothing.
                Assert.Equal(clients, ClientStore.Load(_folder.Path).List());
            }
            catch (TrustException)
            {
                // It was seen.
            }
        }
    }

    private string Place => Path.Combine(_folder.Path, ClientStore.FileName);

    private void AssertRefused(string text)
    {
        File.WriteAllText(Place, text);
        Assert.Contains("remove it, then every laptop must pair again",
            Assert.Throws<TrustException>(() => ClientStore.Load(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(Place));
    }

    private static string Fingerprint(int number) => PairingAuthorityTests.Fingerprint(number);

    private static string Refusal(Action act) => Assert.Throws<RpcRefusedException>(act).Error.Code;
}
