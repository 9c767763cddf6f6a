using System.Security.Cryptography;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Pairing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Trust;

/// <summary>
/// The pairing window: open for a while, with a code that is good for one attempt. Any number may begin; the first that commits to a digit
/// has the code to itself until it has paired or failed. The clock is handed in, monotonic, in nanoseconds. Safe to use from any thread,
/// but the steps of one <see cref="PairingVerifier"/> belong to the connection that claimed it.
/// </summary>
public sealed class PairingAuthority(ClientStore clients, string deviceFingerprint)
{
    /// <summary>
    /// Of one window, each with a code of its own: guessers from many addresses get 2 in 10^6 at best, those of one address less.
    /// </summary>
    public const int AttemptCount = 20;

    /// <summary>Time to walk from the device to the laptop and type.</summary>
    public const long WindowNs = 300_000_000_000;

    /// <summary>
    /// From the first commitment to the last digit: by then the code is typed, and 32 digits with two round trips each take 13 s on a link
    /// of 0.2 s.
    /// </summary>
    public const long AttemptNs = 30_000_000_000;

    /// <summary>
    /// From the first commitment to the first digit: two round trips. A client that claims a code and then says nothing must not keep
    /// others out for long.
    /// </summary>
    public const long FirstDigitNs = 3_000_000_000;

    private readonly Lock _lock = new();
    private readonly PairingDelays _delays = new();
    private readonly byte[] _deviceFingerprint = Convert.FromHexString(deviceFingerprint);
    private string _code = "";
    private string _role = "";
    private int _attemptsLeft;
    private long _endNs;
    private ProvisionedCode? _provisioned;
    private PairingVerifier? _verifier;
    private string _offerFingerprint = "", _offerOrigin = "";
    private long _offerStartNs;
    private string _codeInKeeping = "";
    private string? _pairedName;
    private string _closedBecause = "it was not opened";

    /// <summary>Opens the window with a new code; one that is open is closed first, with its attempt.</summary>
    /// <param name="role">That the client will get.</param>
    /// <exception cref="RpcRefusedException">There is no such role, or no room for another client.</exception>
    /// <exception cref="TrustException">A provisioned code was open and cannot be removed.</exception>
    public PairingView Open(string role, long nowNs)
    {
        ClientStore.CheckRole(role);
        lock (_lock)
        {
            CheckRoom();
            CloseNow("it was opened anew");
            Start(NewCode(), role, AttemptCount, nowNs + WindowNs);
            return View();
        }
    }

    /// <summary>Opens the window with the code of a flash tool, for an operator, until it is used once.</summary>
    public PairingView Open(ProvisionedCode provisioned)
    {
        lock (_lock)
        {
            CloseNow("it was opened anew");
            _provisioned = provisioned;
            Start(provisioned.Code, ControlRole.Operator, 1, long.MaxValue);
            return View();
        }
    }

    /// <summary>Closes the window and ends an attempt that is under way. A provisioned code is removed.</summary>
    /// <exception cref="TrustException">It cannot be removed; the window is closed all the same.</exception>
    public void Close()
    {
        lock (_lock)
        {
            CloseNow("its owner closed it");
        }
    }

    public PairingView Look(long nowNs)
    {
        lock (_lock)
        {
            Advance(nowNs);
            return View();
        }
    }

    /// <summary>
    /// What a client that wants to pair is told. It takes nothing from anybody: the code stays good for whoever is first to commit to a
    /// digit.
    /// </summary>
    /// <param name="clientFingerprint">Of the certificate it proved to hold; null where it showed none.</param>
    /// <returns>The digits of the code, and the role that the client will get.</returns>
    /// <exception cref="RpcRefusedException">The window is closed, there is no room, or the client shows no certificate.</exception>
    public (int DigitCount, string Role) Begin(string? clientFingerprint, long nowNs)
    {
        lock (_lock)
        {
            Advance(nowNs);
            CheckBegin(clientFingerprint);
            return (_code.Length, _role);
        }
    }

    /// <summary>
    /// Begins an attempt for the client of one connection, at its first commitment. The code is spent by its first digit, see
    /// <see cref="Spend"/>.
    /// </summary>
    /// <param name="clientFingerprint">Of the certificate it proved to hold; null where it showed none.</param>
    /// <param name="origin">The address it comes from: after an attempt that failed, it waits.</param>
    /// <exception cref="RpcRefusedException">The window is closed, another client is pairing, this one must wait, or it shows no
    /// certificate.</exception>
    public PairingVerifier Claim(string? clientFingerprint, string origin, long nowNs)
    {
        lock (_lock)
        {
            Advance(nowNs);
            CheckBegin(clientFingerprint);
            _delays.Check(origin, nowNs);
            CheckFree();
            _verifier = new PairingVerifier(_code, Convert.FromHexString(clientFingerprint!), _deviceFingerprint,
                RandomNumberGenerator.Fill);
            _offerFingerprint = clientFingerprint!;
            (_offerOrigin, _offerStartNs) = (origin, nowNs);
            return _verifier;
        }
    }

    /// <summary>
    /// To be called before a digit of the attempt is tried: a provisioned code is gone from the disk before anybody learns anything of it.
    /// </summary>
    /// <exception cref="TrustException">A provisioned code cannot be removed; the window is closed.</exception>
    public void Spend(PairingVerifier verifier)
    {
        lock (_lock)
        {
            if (_verifier == verifier)
            {
                BurnProvisioned();
            }
        }
    }

    /// <summary>
    /// Keeps the client of an attempt that succeeded, and closes the window. To be called before the last answer is sent.
    /// </summary>
    /// <param name="utc">The device's clock, for the list of clients.</param>
    /// <exception cref="RpcRefusedException">The attempt is not paired, or its time is over, or the window was closed
    /// meanwhile.</exception>
    /// <exception cref="TrustException">The client cannot be kept; it is not paired.</exception>
    public PairedClient Admit(PairingVerifier verifier, string name, long nowNs, DateTime utc)
    {
        // Listeners of the store are called outside of this lock: they may take locks of their own.
        var (fingerprint, role) = TakePaired(verifier, nowNs);
        string? kept = null;
        try
        {
            var client = clients.Add(name, fingerprint, role, utc);
            kept = client.Name;
            return client;
        }
        finally
        {
            lock (_lock)
            {
                (_pairedName, _codeInKeeping) = (kept, "");
            }
        }
    }

    /// <summary>Ends an attempt whose connection is gone. Of no effect on another's attempt.</summary>
    public void Abandon(PairingVerifier verifier, long nowNs)
    {
        lock (_lock)
        {
            if (_verifier == verifier)
            {
                EndAttempt(nowNs);
            }

            Advance(nowNs);
        }
    }

    private (string Fingerprint, string Role) TakePaired(PairingVerifier verifier, long nowNs)
    {
        lock (_lock)
        {
            Advance(nowNs);
            if (_verifier != verifier || !verifier.IsPaired)
            {
                throw new RpcRefusedException(RpcErrorCode.Denied, "this attempt to pair is over",
                    "pair again with the code that the device shows now; never type this one again");
            }

            string role = _role;
            _codeInKeeping = _code;
            CloseNow("a client was paired");
            return (_offerFingerprint, role);
        }
    }

    private static string NewCode() => RandomNumberGenerator.GetString("0123456789", PairingTerms.DigitCount);

    private void CheckRoom()
    {
        if (clients.IsFull)
        {
            throw new RpcRefusedException(RpcErrorCode.Limit, $"{ClientStore.CountMax} clients are paired, and no more are allowed",
                "revoke one with 'edgeroute clients revoke'");
        }
    }

    private void CheckBegin(string? clientFingerprint)
    {
        if (_code.Length == 0)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, $"the pairing window is closed: {_closedBecause}",
                "run 'edgerouted pair' on the device");
        }

        if (clientFingerprint is null)
        {
            throw new RpcRefusedException(RpcErrorCode.Denied, "this connection shows no client certificate, so there is nothing to pair",
                "connect over TLS with the client's own certificate");
        }

        CheckRoom();
    }

    private void CheckFree()
    {
        if (_verifier is not null)
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, "another client is pairing",
                $"try again in {AttemptNs / 1_000_000_000} s at most, with the code that the device shows then");
        }
    }

    private void Start(string code, string role, int attempts, long endNs)
    {
        _code = code;
        _role = role;
        _attemptsLeft = attempts;
        _endNs = endNs;
        _pairedName = null;
        _closedBecause = "";
        _delays.Clear();
    }

    /// <summary>Lets what time and failed attempts have ended be ended.</summary>
    private void Advance(long nowNs)
    {
        if (_verifier is { } verifier && (verifier.HasFailed || nowNs >= _endNs
            || nowNs - _offerStartNs >= (verifier.IsSpent ? AttemptNs : FirstDigitNs)))
        {
            EndAttempt(nowNs);
        }

        if (_code.Length > 0 && nowNs >= _endNs)
        {
            CloseNow($"its {WindowNs / 1_000_000_000} s are over");
        }
    }

    /// <summary>
    /// The attempt is over without success: its address waits. Only where a digit was tried is the code another, while there are attempts
    /// left.
    /// </summary>
    private void EndAttempt(long nowNs)
    {
        bool isSpent = _verifier!.IsSpent;
        _verifier.Abandon();
        _verifier = null;
        _delays.Add(_offerOrigin, nowNs);
        if (!isSpent)
        {
            return;
        }

        _attemptsLeft--;
        _code = NewCode();
        if (_attemptsLeft == 0)
        {
            CloseNow("all attempts failed");
        }
    }

    private void CloseNow(string because)
    {
        Shut(because);
        BurnProvisioned();
    }

    private void Shut(string because)
    {
        if (_code.Length > 0)
        {
            _verifier?.Abandon();
            _code = "";
            _role = "";
            _attemptsLeft = 0;
            _verifier = null;
            _closedBecause = because;
        }
    }

    private void BurnProvisioned()
    {
        var provisioned = _provisioned;
        _provisioned = null;
        try
        {
            provisioned?.Burn();
        }
        catch (TrustException)
        {
            Shut("its code cannot be removed from the state folder");
            throw;
        }
    }

    /// <summary>While a paired client is being kept, the window looks as before: whoever watches it learns the name at once.</summary>
    private PairingView View()
    {
        string code = _codeInKeeping.Length > 0 ? _codeInKeeping : _code;
        return new(code.Length > 0, code, _role, _attemptsLeft, code.Length > 0 ? _endNs : 0, _verifier is not null, _pairedName,
            _closedBecause);
    }
}

/// <summary>
/// A failed attempt costs the address that made it time, twice as much each time, and nobody else. Under the authority's lock.
/// </summary>
internal sealed class PairingDelays
{
    /// <summary>A person who mistyped needs longer than this to type again.</summary>
    private const long FirstNs = 2_000_000_000;

    /// <summary>From 2 s to 256 s: beyond, the window is over.</summary>
    private const int DoublingCount = 7;

    /// <summary>Addresses remembered; beyond, the one whose time is over first is forgotten.</summary>
    private const int OriginCount = 256;

    private readonly Dictionary<string, (int Count, long UntilNs)> _origins = [];

    public void Clear() => _origins.Clear();

    /// <exception cref="RpcRefusedException">The address must wait.</exception>
    public void Check(string origin, long nowNs)
    {
        if (_origins.TryGetValue(origin, out var delay) && nowNs < delay.UntilNs)
        {
            throw new RpcRefusedException(RpcErrorCode.Limit, "an attempt from this address failed a moment ago",
                $"wait {(delay.UntilNs - nowNs + 999_999_999) / 1_000_000_000} s, then pair with the code that the device shows");
        }
    }

    public void Add(string origin, long nowNs)
    {
        int count = _origins.GetValueOrDefault(origin).Count;
        if (_origins.Count >= OriginCount && count == 0)
        {
            _origins.Remove(_origins.MinBy(o => o.Value.UntilNs).Key);
        }

        _origins[origin] = (count + 1, nowNs + (FirstNs << Math.Min(count, DoublingCount)));
    }
}

/// <summary>
/// The pairing window at one moment, for the device's owner. The code is a secret: it never leaves the device but by its owner's eyes.
/// </summary>
/// <param name="Code">Empty while the window is closed.</param>
/// <param name="Role">That the next client gets; empty while the window is closed.</param>
/// <param name="AttemptsLeft">Including one that is under way.</param>
/// <param name="EndNs">When the window closes by itself; <see cref="long.MaxValue"/> for a provisioned code, which waits until it is
/// used.</param>
/// <param name="IsBusy">A client is pairing now.</param>
/// <param name="PairedName">The client that paired last in this or the last window; null while none did.</param>
/// <param name="ClosedBecause">Why the window is closed; empty while it is open.</param>
public sealed record PairingView(bool IsOpen, string Code, string Role, int AttemptsLeft, long EndNs, bool IsBusy, string? PairedName,
    string ClosedBecause);
