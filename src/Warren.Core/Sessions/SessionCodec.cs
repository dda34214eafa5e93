using Warren.Core.Persistence;

namespace Warren.Core.Sessions;

/// <summary>A session as the log stores it.</summary>
internal sealed record StoredSession(string VirtualHost, string ClientId, string UserName, string QueueName, uint ExpirySeconds);

/// <summary>Sessions and subscriptions as bytes. Each begins with a version octet.</summary>
/// <remarks>Pure.</remarks>
internal static class SessionCodec
{
    public static byte[] Write(StoredSession session) => VersionedBytes.Build(writer =>
    {
        writer.Write(session.VirtualHost);
        writer.Write(session.ClientId);
        writer.Write(session.UserName);
        writer.Write(session.QueueName);
        writer.Write(session.ExpirySeconds);
    });

    public static byte[] Write(SessionSubscription subscription, string queueName) => VersionedBytes.Build(writer =>
    {
        writer.Write(subscription.Filter);
        writer.Write(subscription.Group ?? "");
        writer.Write(subscription.Exchange);
        writer.Write(subscription.Key);
        writer.Write(subscription.Options);
        writer.Write(subscription.Identifier);
        writer.Write(queueName);
    });

    public static byte[] Write(SessionWill will) => VersionedBytes.Build(writer =>
    {
        writer.Write(will.DelaySeconds);
        writer.Write(will.Content.Length);
        writer.Write(will.Content);
    });

    public static SessionWill ReadWill(byte[] bytes)
    {
        using BinaryReader reader = VersionedBytes.Open(bytes, "client session");
        return new SessionWill(reader.ReadUInt32(), reader.ReadBytes(reader.ReadInt32()));
    }

    public static StoredSession ReadSession(byte[] bytes)
    {
        using BinaryReader reader = VersionedBytes.Open(bytes, "client session");
        return new StoredSession(
            reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadUInt32());
    }

    public static (SessionSubscription Subscription, string QueueName) ReadSubscription(byte[] bytes)
    {
        using BinaryReader reader = VersionedBytes.Open(bytes, "client session");
        string filter = reader.ReadString();
        string group = reader.ReadString();
        var subscription = new SessionSubscription(
            filter,
            group.Length == 0 ? null : group,
            reader.ReadString(),
            reader.ReadString(),
            reader.ReadByte(),
            reader.ReadUInt32());
        return (subscription, reader.ReadString());
    }
}
