namespace EdgeRoute.Protocol.Control;

/// <summary>A rule on what a source sees.</summary>
public sealed class RuleStatus : IControlMessage
{
    public string Name = "";

    public bool IsOn;

    /// <summary>Times it has turned on since the start.</summary>
    public long OnCount;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Boolean("on", ref IsOn);
        fields.Long("count", ref OnCount);
    }
}
