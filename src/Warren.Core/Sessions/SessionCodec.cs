using System.Text;

namespace Warren.Core.Sessions;

/// <summary>A session as the log stores it.</summary>
internal sealed record StoredSession(string VirtualHost, string ClientId, string UserName, string QueueName, uint ExpirySeconds);

/// <summary>Sessions and subscriptions as bytes. Each begins with a version octet.</summary>
/// <remarks>Pure.</remarks>
internal static class SessionCodec
{
    private const byte Version = 1;

    public static byte[] Write(StoredSession session) => Build(writer =>
    {
        writer.Write(session.VirtualHost);
        writer.Write(session.ClientId);
        writer.Write(session.UserName);
        writer.Write(session.QueueName);
        writer.Write(session.ExpirySeconds);
    });

    public static byte[] Write(SessionSubscription subscription, string queueName) => Build(writer =>
    {
        writer.Write(subscription.Filter);
        writer.Write(subscription.Group ?? "");
        writer.Write(subscription.Exchange);
        writer.Write(subscription.Key);
        writer.Write(subscription.Options);
        writer.Write(subscription.Identifier);
        writer.Write(queueName);
    });

    public static byte[] Write(SessionWill will) => Build(writer =>
    {
        writer.Write(will.DelaySeconds);
        writer.Write(will.Content.Length);
        writer.Write(will.Content);
    });

    public static SessionWill ReadWill(byte[] bytes)
    {
        using BinaryReader reader = Open(bytes);
        return new SessionWill(reader.ReadUInt32(), reader.ReadBytes(reader.ReadInt32()));
    }

    public static StoredSession ReadSession(byte[] bytes)
    {
        using BinaryReader reader = Open(bytes);
        return new StoredSession(
            reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadUInt32());
    }

    public static (SessionSubscription Subscription, string QueueName) ReadSubscription(byte[] bytes)
    {
        using BinaryReader reader = Open(bytes);
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

    private static byte[] Build(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static BinaryReader Open(byte[] bytes)
    {
        var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        byte version = reader.ReadByte();
        if (version != Version)
        {
            reader.Dispose();
            throw new InvalidDataException($"client session of version {version}; this broker reads version {Version}");
        }

        return reader;
    }
}
