using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>Where a board is, as ssh writes it: <c>[user@]host[:port]</c>.</summary>
public sealed record SshAddress(string User, string Host, int Port)
{
    private const int UsualPort = 22;

    /// <exception cref="ArgumentException">It is no such address.</exception>
    public static SshAddress Parse(string text)
    {
        int at = text.LastIndexOf('@');
        string user = at >= 0 ? text[..at] : Environment.UserName, place = text[(at + 1)..];
        int bracket = place.IndexOf(']', StringComparison.Ordinal), colon = place.LastIndexOf(':');
        bool isBareV6 = bracket < 0 && colon != place.IndexOf(':', StringComparison.Ordinal);
        bool hasPort = colon > bracket && !isBareV6;
        string host = (hasPort ? place[..colon] : place).Trim('[', ']');
        int port = UsualPort;
        bool isRight = user.Length > 0 && host.Length > 0 && host.IndexOfAny([' ', '/', '\'', '"']) < 0 && !host.StartsWith('-')
            && (!hasPort || (int.TryParse(place[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
                && port is > 0 and <= 65535));
        return isRight ? new SshAddress(user, host, port)
            : throw new ArgumentException($"'{text}' is no address for ssh; write [USER@]HOST[:PORT], such as nvidia@robot.local");
    }

    public override string ToString() => Port == UsualPort ? $"{User}@{Host}" : $"{User}@{Host}:{Port}";
}

/// <summary>How a person lets the tool in.</summary>
/// <param name="Ask">Asks for a word; the second argument says that it is a secret. Null where nobody can answer.</param>
public sealed record SshTrust(Func<string, bool, string?> Ask)
{
    /// <summary>Key of the host that is taken without asking, as ssh shows it.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>A key file instead of the usual ones.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Folder of keys and known hosts: that of the user's own ssh.</summary>
    public string Folder { get; init; } = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");

    public string? AgentSocket { get; init; } = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
}

/// <summary>What a command on the board came to.</summary>
public sealed record RemoteResult(int ExitCode, string Output, string Error);

/// <summary>
/// A connection by ssh to a board whose key is known or was agreed to. All goes through commands, so that a board needs no file transfer
/// service.
/// </summary>
public sealed class SshLink : IDisposable
{
    private const string MachineHosts = "/etc/ssh/ssh_known_hosts";
    /// <summary>Before a script to which nothing is sent: what asks there is answered at once.</summary>
    private const string NoInput = "exec </dev/null\n";

    private const int ChunkBytes = 64 * 1024;
    private static readonly string[] KeyFiles = ["id_ed25519", "id_ecdsa", "id_rsa"];
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(15), KeepAlive = TimeSpan.FromSeconds(5);

    private readonly SshClient _client;

    private SshLink(SshClient client, SshAddress address) => (_client, Address) = (client, address);

    public SshAddress Address { get; }

    /// <summary>What sudo wants to hear; null where it wants nothing.</summary>
    private string? SudoPassword { get; set; }

    private bool IsRoot { get; set; }

    /// <exception cref="IOException">The board is not reached, or lets nobody in.</exception>
    /// <exception cref="ArgumentException">The host's key is another than the one known, or nobody agreed to it.</exception>
    public static async Task<SshLink> OpenAsync(SshAddress address, SshTrust trust, CancellationToken cancel)
    {
        var hosts = KnownHosts.Load(Path.Combine(trust.Folder, "known_hosts"), MachineHosts);
        var keys = KeysOf(trust, out string tried);
        AuthenticationMethod byKey = keys.Count > 0 ? new PrivateKeyAuthenticationMethod(address.User, [.. keys])
            : new NoneAuthenticationMethod(address.User);
        try
        {
            return await ConnectAsync(address, trust, hosts, cancel, byKey);
        }
        catch (SshAuthenticationException)
        {
            string password = trust.Ask($"password of {address}: ", true)
                ?? throw new IOException($"{address} lets none of these in: {tried}. Add a key (ssh-copy-id {address}), or run this "
                    + "where a password can be typed");
            var asked = new KeyboardInteractiveAuthenticationMethod(address.User);
            asked.AuthenticationPrompt += (_, shown) =>
            {
                foreach (var prompt in shown.Prompts)
                {
                    prompt.Response = password;
                }
            };
            try
            {
                var link = await ConnectAsync(address, trust, hosts, cancel,
                    new PasswordAuthenticationMethod(address.User, password), asked);
                link.SudoPassword = password;
                return link;
            }
            catch (SshAuthenticationException)
            {
                throw new IOException($"{address} does not take this password");
            }
        }
    }

    /// <summary>Asks the board about itself, and for what sudo wants to hear.</summary>
    /// <exception cref="IOException">The connection is lost, or the password is wrong.</exception>
    public async Task<BoardFacts> LookAsync(SshTrust trust, CancellationToken cancel)
    {
        var facts = await BoardFacts.AskAsync(this, cancel);
        IsRoot = facts.Root == RootWay.IsRoot;
        SudoPassword = facts.Root != RootWay.ByPassword ? null
            : SudoPassword ?? trust.Ask($"password of {Address.User} for sudo: ", true)
                ?? throw new IOException($"sudo on {Address} wants a password, and nobody can type one here: come in as root, or let the "
                    + "user use sudo without");
        return facts;
    }

    /// <summary>Runs a script of the shell as the user who came in.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public Task<RemoteResult> RunAsync(string script, CancellationToken cancel) => RunAsync(script, null, _ => { }, cancel);

    /// <summary>Runs a script of the shell as root.</summary>
    /// <inheritdoc cref="RunAsync(string, CancellationToken)"/>
    public Task<RemoteResult> RunAsRootAsync(string script, CancellationToken cancel) => RunAsRootAsync(script, _ => { }, cancel);

    /// <param name="told">Each line of output as it comes.</param>
    /// <inheritdoc cref="RunAsync(string, CancellationToken)"/>
    public Task<RemoteResult> RunAsRootAsync(string script, Action<string> told, CancellationToken cancel)
    {
        if (IsRoot)
        {
            return RunAsync(script, null, told, cancel);
        }

        string options = SudoPassword is null ? "-n" : "-S -p ''";
        var password = SudoPassword is null ? null : new MemoryStream(Encoding.UTF8.GetBytes(SudoPassword + "\n"));
        return RunAsync($"sudo {options} -- sh -c {Quoted(script)}", password, told, cancel);
    }

    /// <summary>Runs a script that reads what is sent.</summary>
    /// <param name="sent">Told how many bytes went out so far.</param>
    /// <inheritdoc cref="RunAsync(string, CancellationToken)"/>
    internal async Task<RemoteResult> SendAsync(string script, Stream content, Action<long> sent, CancellationToken cancel)
    {
        using var command = _client.CreateCommand(script);
        return await WithLossAsync(async () =>
        {
            var run = command.ExecuteAsync(cancel);
            await using (var input = await InputOfAsync(command, run))
            {
                byte[] chunk = new byte[ChunkBytes];
                long total = 0;
                for (int count; input is not null && (count = await content.ReadAsync(chunk, cancel)) > 0 && !run.IsCompleted;)
                {
                    await input.WriteAsync(chunk.AsMemory(0, count), cancel);
                    sent(total += count);
                }
            }

            await run;
            return new RemoteResult(command.ExitStatus ?? -1, command.Result, command.Error);
        });
    }

    /// <summary>One word for the shell, whatever it holds.</summary>
    internal static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    public void Dispose() => _client.Dispose();

    private async Task<RemoteResult> RunAsync(string script, Stream? content, Action<string> told, CancellationToken cancel)
    {
        using var command = _client.CreateCommand(content is null ? NoInput + script : script);
        return await WithLossAsync(async () =>
        {
            var run = command.ExecuteAsync(cancel);
            if (content is not null && await InputOfAsync(command, run) is { } input)
            {
                await using (input)
                {
                    await content.CopyToAsync(input, cancel);
                }
            }

            var output = new StringBuilder();
            using var reader = new StreamReader(command.OutputStream);
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                output.Append(line).Append('\n');
                told(line);
            }

            await run;
            return new RemoteResult(command.ExitStatus ?? -1, output.ToString(), command.Error);
        });
    }

    /// <summary>Where the command reads from; null where it has ended already without reading.</summary>
    private static async Task<Stream?> InputOfAsync(SshCommand command, Task run)
    {
        try
        {
            return command.CreateInputStream();
        }
        catch (InvalidOperationException)
        {
            await run;
            return null;
        }
    }

    private async Task<RemoteResult> WithLossAsync(Func<Task<RemoteResult>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception lost) when (lost is SshException or SocketException or ObjectDisposedException)
        {
            throw new IOException($"the connection to {Address} was lost: {lost.Message}. Run the same command again: it goes on from "
                + "where it was", lost);
        }
    }

    private static async Task<SshLink> ConnectAsync(SshAddress address, SshTrust trust, KnownHosts hosts, CancellationToken cancel,
        params AuthenticationMethod[] methods)
    {
        var info = new ConnectionInfo(address.Host, address.Port, address.User, methods) { Timeout = ConnectLimit };
        AskForKnownKinds(info, hosts.KindsOf(address.Host, address.Port));
        var client = new SshClient(info) { KeepAliveInterval = KeepAlive };
        string? distrust = null;
        client.HostKeyReceived += (_, shown) => shown.CanTrust = (distrust = Distrust(address, trust, hosts, shown.HostKey)) is null;
        try
        {
            await client.ConnectAsync(cancel);
            return new SshLink(client, address);
        }
        catch (Exception) when (distrust is not null)
        {
            client.Dispose();
            throw new ArgumentException(distrust);
        }
        catch (SshAuthenticationException)
        {
            client.Dispose();
            throw;
        }
        catch (Exception refused) when (refused is SshException or SocketException)
        {
            client.Dispose();
            throw new IOException($"cannot reach {address} by ssh: {refused.Message}", refused);
        }
    }

    /// <summary>A host may have keys of several kinds; it is asked for one that can be compared.</summary>
    private static void AskForKnownKinds(ConnectionInfo info, IReadOnlyList<string> kinds)
    {
        var known = info.HostKeyAlgorithms.Where(a => kinds.Contains(a.Key) || (kinds.Contains("ssh-rsa")
            && a.Key.StartsWith("rsa-sha2-", StringComparison.Ordinal))).ToList();
        if (known.Count == 0)
        {
            return;
        }

        var rest = info.HostKeyAlgorithms.Except(known).ToList();
        info.HostKeyAlgorithms.Clear();
        foreach (var algorithm in known.Concat(rest))
        {
            info.HostKeyAlgorithms.Add(algorithm.Key, algorithm.Value);
        }
    }

    /// <summary>Why this key is not taken; null where it is.</summary>
    private static string? Distrust(SshAddress address, SshTrust trust, KnownHosts hosts, byte[] key)
    {
        string fingerprint = KnownHosts.FingerprintOf(key);
        switch (hosts.Judge(address.Host, address.Port, key, out string place))
        {
            case HostKeyVerdict.Known:
                return null;
            case HostKeyVerdict.Revoked:
                return $"the key of {address.Host}, {fingerprint}, is revoked at {place}";
            case HostKeyVerdict.Other:
                return $"{address.Host} shows the key {fingerprint}, which is not the one at {place}: the board was set up anew, or "
                    + $"somebody stands in between. If it was set up anew: ssh-keygen -R '{address.Host}'";
            default:
                return DistrustNew(address, trust, hosts, key, fingerprint);
        }
    }

    private static string? DistrustNew(SshAddress address, SshTrust trust, KnownHosts hosts, byte[] key, string fingerprint)
    {
        if (trust.Fingerprint is { } wanted && wanted != fingerprint)
        {
            return $"{address.Host} shows the key {fingerprint}, and --fingerprint is {wanted}";
        }

        string? answer = trust.Fingerprint is null
            ? trust.Ask($"{address.Host} is not known yet; its key is {fingerprint}. Is that the board's? (yes/no) ", false) : "yes";
        if (answer?.Trim() is not ("yes" or "y"))
        {
            return $"the key of {address.Host} was not agreed to: compare {fingerprint} with what the board shows ('ssh-keygen -lf "
                + "/etc/ssh/ssh_host_ed25519_key.pub'), and give it with --fingerprint";
        }

        hosts.Add(address.Host, address.Port, key);
        return null;
    }

    private static List<IPrivateKeySource> KeysOf(SshTrust trust, out string tried)
    {
        var agent = trust.KeyFile is null ? AgentKeys.Of(trust.AgentSocket) : [];
        string[] files = trust.KeyFile is { } one ? [one]
            : [.. KeyFiles.Select(f => Path.Combine(trust.Folder, f)).Where(File.Exists)];
        var keys = new List<IPrivateKeySource>(agent);
        foreach (string file in files)
        {
            if (OpenKey(file, trust, isWanted: trust.KeyFile is not null || agent.Count == 0) is { } key)
            {
                keys.Add(key);
            }
        }

        tried = string.Join(", ", files.Prepend($"ssh-agent ({agent.Count} keys)"));
        return keys;
    }

    private static PrivateKeyFile? OpenKey(string file, SshTrust trust, bool isWanted)
    {
        try
        {
            return new PrivateKeyFile(file);
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            string? phrase = isWanted ? trust.Ask($"passphrase of {file}: ", true) : null;
            return phrase is null ? null : OpenKey(file, phrase);
        }
        catch (Exception unreadable) when (unreadable is SshException or IOException or UnauthorizedAccessException)
        {
            return isWanted ? throw new ArgumentException($"the key {file} cannot be used: {unreadable.Message}") : null;
        }
    }

    private static PrivateKeyFile OpenKey(string file, string phrase)
    {
        try
        {
            return new PrivateKeyFile(file, phrase);
        }
        catch (SshException wrong)
        {
            throw new ArgumentException($"the key {file} cannot be used: {wrong.Message}", wrong);
        }
    }
}
