using System.Buffers.Binary;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Encodes basic properties anew with one of them changed.</summary>
/// <remarks>Pure. For the rare paths: dead-lettering, direct reply-to, delivery counts.</remarks>
public static class BasicPropertiesWriter
{
    /// <summary>The same properties with other headers.</summary>
    /// <param name="properties">Valid encoded properties.</param>
    /// <param name="headers">The new headers; empty: none.</param>
    /// <param name="keepExpiration">False to leave the expiration out.</param>
    public static byte[] Replace(ReadOnlySpan<byte> properties, FieldTable headers, bool keepExpiration)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return Write(properties, headers.Count == 0 ? [] : FieldTableWriter.ToArray(headers), keepExpiration, default);
    }

    /// <summary>The same properties with another reply-to.</summary>
    public static byte[] ReplaceReplyTo(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> replyTo) =>
        Write(properties, BasicProperties.Read(properties).Headers, keepExpiration: true, replyTo);

    private static byte[] Write(
        ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> headers, bool keepExpiration, ReadOnlySpan<byte> replyTo)
    {
        BasicProperties old = BasicProperties.Read(encoded);
        ushort flags = old.Flags;
        flags = (ushort)(headers.IsEmpty ? flags & ~BasicProperties.HeadersFlag : flags | BasicProperties.HeadersFlag);
        if (!keepExpiration)
        {
            flags = (ushort)(flags & ~BasicProperties.ExpirationFlag);
        }

        byte[] bytes = new byte[encoded.Length + headers.Length + sizeof(uint) + replyTo.Length + 1];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, flags);
        int at = sizeof(ushort);
        ShortString(bytes, ref at, flags & BasicProperties.ContentTypeFlag, old.ContentType);
        ShortString(bytes, ref at, flags & BasicProperties.ContentEncodingFlag, old.ContentEncoding);
        if ((flags & BasicProperties.HeadersFlag) != 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), (uint)headers.Length);
            headers.CopyTo(bytes.AsSpan(at + sizeof(uint)));
            at += sizeof(uint) + headers.Length;
        }

        Octet(bytes, ref at, flags & BasicProperties.DeliveryModeFlag, old.DeliveryMode);
        Octet(bytes, ref at, flags & BasicProperties.PriorityFlag, old.Priority);
        ShortString(bytes, ref at, flags & BasicProperties.CorrelationIdFlag, old.CorrelationId);
        ShortString(bytes, ref at, flags & BasicProperties.ReplyToFlag, replyTo.IsEmpty ? old.ReplyTo : replyTo);
        ShortString(bytes, ref at, flags & BasicProperties.ExpirationFlag, old.Expiration);
        ShortString(bytes, ref at, flags & BasicProperties.MessageIdFlag, old.MessageId);
        if ((flags & BasicProperties.TimestampFlag) != 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(at), old.TimestampSeconds);
            at += sizeof(ulong);
        }

        ShortString(bytes, ref at, flags & BasicProperties.TypeFlag, old.Type);
        ShortString(bytes, ref at, flags & BasicProperties.UserIdFlag, old.UserId);
        ShortString(bytes, ref at, flags & BasicProperties.AppIdFlag, old.AppId);
        ShortString(bytes, ref at, flags & BasicProperties.ClusterIdFlag, old.ClusterId);
        return bytes[..at];
    }

    private static void Octet(byte[] bytes, ref int at, int present, byte value)
    {
        if (present != 0)
        {
            bytes[at++] = value;
        }
    }

    private static void ShortString(byte[] bytes, ref int at, int present, ReadOnlySpan<byte> value)
    {
        if (present != 0)
        {
            bytes[at++] = (byte)value.Length;
            value.CopyTo(bytes.AsSpan(at));
            at += value.Length;
        }
    }
}
