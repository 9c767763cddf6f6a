namespace EdgeRoute.Protocol.Control;

/// <summary>The first message of a client.</summary>
public sealed class HelloRequest : IControlMessage
{
    public int Protocol = ControlProtocol.Version;

    /// <summary>Program and version, for the device's log.</summary>
    public string Client = "";

    /// <summary>What the owner calls this client.</summary>
    public string Name = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("protocol", ref Protocol);
        fields.Text("client", ref Client);
        fields.Text("name", ref Name);
    }
}

/// <summary>What a device answers.</summary>
public sealed class Welcome : IControlMessage
{
    public int Protocol = ControlProtocol.Version;

    public string Device = "";

    /// <summary>Version of the engine.</summary>
    public string Version = "";

    /// <summary>One of <see cref="ControlRole"/>.</summary>
    public string Role = "";

    /// <summary>SHA-256 of the device's certificate, lower-case hexadecimal; empty on a Unix socket.</summary>
    public string Fingerprint = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("protocol", ref Protocol);
        fields.Text("device", ref Device);
        fields.Text("version", ref Version);
        fields.Text("role", ref Role);
        fields.Text("fingerprint", ref Fingerprint);
    }
}

/// <summary>Parameters of methods that take the name of one thing.</summary>
public sealed class NamedRequest : IControlMessage
{
    public string Name = "";

    public void Visit(IFieldVisitor fields) => fields.Text("name", ref Name);
}

/// <summary>Parameters of methods that take a stream; empty where the device has only one.</summary>
public sealed class StreamRequest : IControlMessage
{
    public string Stream = "";

    public void Visit(IFieldVisitor fields) => fields.Text("stream", ref Stream);
}

/// <summary>Parameters of methods that take none.</summary>
public sealed class NoParameters : IControlMessage
{
    public void Visit(IFieldVisitor fields)
    {
    }
}
