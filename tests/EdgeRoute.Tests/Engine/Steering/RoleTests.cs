using System.Text.RegularExpressions;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Who may do what, on the real table of methods.</summary>
public sealed class RoleTests
{
    private static readonly string[] Roles = [ControlRole.Stranger, ControlRole.Viewer, ControlRole.Operator, ControlRole.Admin];

    [SkippableFact]
    public void Every_method_needs_the_role_that_the_page_says_and_a_lesser_one_is_denied()
    {
        using var rig = new SteeringRig();
        string page = File.ReadAllText(Path.Combine(TestPlaces.Repository, "runtime", "EdgeRoute.Protocol", "CHANNEL.md"));
        var written = Regex.Matches(page, @"^\| (`[a-z.`, ]+`) \| ([VOA])\b", RegexOptions.Multiline)
            .SelectMany(row => Regex.Matches(row.Groups[1].Value, "`([a-z.]+)`")
                .Select(m => (Name: m.Groups[1].Value, Role: row.Groups[2].Value)))
            .ToDictionary(r => r.Name, r => Roles.First(role => role[0] == char.ToLowerInvariant(r.Role[0])));
        foreach (string name in rig.Table.Names)
        {
            string needed = rig.Table.RoleOf(name);
            Assert.Equal((name, written[name]), (name, needed));
            foreach (string lesser in Roles.TakeWhile(r => r != needed))
            {
                var refused = Assert.Throws<RpcRefusedException>(() => rig.Table.Answer(name, [], new ControlCaller("x", lesser, "tls"),
                    default).AsTask().GetAwaiter().GetResult());
                Assert.Equal(RpcErrorCode.Denied, refused.Error.Code);
            }
        }

        Assert.Contains(rig.Table.Names, n => rig.Table.RoleOf(n) == ControlRole.Admin);
    }

    [Theory]
    [InlineData(ControlRole.Viewer, false)]
    [InlineData(ControlRole.Operator, false)]
    [InlineData(ControlRole.Admin, true)]
    public void Only_an_admin_sees_the_secrets_of_a_config(string role, bool isShown)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("device.yaml",
            "packs: { d: { manifest: m } }\nsources: { s: { pack: d, open: 'rtsp://bob:s3cret@camera/1' } }");
        var config = DeviceConfigReader.ReadFile(path, checkPaths: false).Config!;
        foreach (bool isEffective in new[] { true, false })
        {
            string text = new ConfigControl(path).Read(config, isEffective, new ControlCaller("x", role, "tls")).Text;
            Assert.Equal(isShown, text.Contains("s3cret", StringComparison.Ordinal));
        }
    }
}
