namespace EdgeRoute.Protocol.Rpc;

/// <summary>The three messages of MessagePack-RPC, by their first number.</summary>
public enum RpcKind
{
    Request = 0,
    Response = 1,
    Notification = 2,
}
