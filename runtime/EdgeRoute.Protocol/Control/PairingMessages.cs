namespace EdgeRoute.Protocol.Control;

/// <summary>
/// One step of pairing, in either direction: a commitment or the nonce that opens it. The rounds are in CHANNEL.md section 4.
/// </summary>
public sealed class PairingStepMessage : IControlMessage
{
    public int Round;

    /// <summary>32 bytes of commitment, or 16 of nonce.</summary>
    public byte[] Value = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("round", ref Round);
        fields.Bytes("value", ref Value);
    }
}

/// <summary>What a device says to a client that wants to pair.</summary>
public sealed class PairingOfferMessage : IControlMessage
{
    /// <summary>Digits of the code, and so rounds.</summary>
    public int DigitCount;

    /// <summary>The role that the pairing will get.</summary>
    public string Role = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("digits", ref DigitCount);
        fields.Text("role", ref Role);
    }
}

/// <summary>Opens the pairing window.</summary>
public sealed class PairingOpenRequest : IControlMessage
{
    public string Role = ControlRole.Operator;

    public void Visit(IFieldVisitor fields) => fields.Text("role", ref Role);
}

/// <summary>The pairing window as the device's owner sees it.</summary>
public sealed class PairingWindow : IControlMessage
{
    public bool IsOpen;

    /// <summary>To be typed on the laptop; empty while the window is closed.</summary>
    public string Code = "";

    public string Role = "";

    public double SecondsLeft;

    public int AttemptsLeft;

    /// <summary>Name of the client that paired last in this window; null while none did.</summary>
    public string? PairedName;

    /// <summary>Where a laptop reaches the device, as address:port; empty where TCP is not configured.</summary>
    public List<string> Addresses = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Boolean("is_open", ref IsOpen);
        fields.Text("code", ref Code);
        fields.Text("role", ref Role);
        fields.Number("seconds_left", ref SecondsLeft);
        fields.Integer("attempts_left", ref AttemptsLeft);
        fields.OptionalText("paired_name", ref PairedName);
        fields.Texts("addresses", ref Addresses);
    }
}

/// <summary>A client the device knows.</summary>
public sealed class ClientEntry : IControlMessage
{
    public string Name = "";

    public string Fingerprint = "";

    public string Role = "";

    public long PairedUtcNs;

    public bool IsConnected;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("fingerprint", ref Fingerprint);
        fields.Text("role", ref Role);
        fields.Long("paired_utc_ns", ref PairedUtcNs);
        fields.Boolean("is_connected", ref IsConnected);
    }
}

public sealed class ClientList : IControlMessage
{
    public List<ClientEntry> Clients = [];

    public void Visit(IFieldVisitor fields) => fields.List("clients", ref Clients);
}

/// <summary>Another role for a client.</summary>
public sealed class ClientRoleRequest : IControlMessage
{
    /// <summary>Name, or the beginning of the fingerprint.</summary>
    public string Name = "";

    public string Role = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("role", ref Role);
    }
}
