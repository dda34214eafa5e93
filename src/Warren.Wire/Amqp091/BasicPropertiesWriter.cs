using System.Buffers.Binary;
using System.Text;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Makes encoded properties: from values, or from others with one part exchanged.</summary>
/// <remarks>Allocates the result; not for the path of every message.</remarks>
public static class BasicPropertiesWriter
{
    /// <summary>Encodes the values that are not null. Texts are cut to 255 bytes of UTF-8.</summary>
    public static byte[] Write(BasicPropertyValues values)
    {
        ArgumentNullException.ThrowIfNull(values);
        byte[]?[] parts =
        [
            ShortText(values.ContentType),
            ShortText(values.ContentEncoding),
            values.Headers is null ? null : Table(values.Headers),
            values.DeliveryMode is { } mode ? [mode] : null,
            values.Priority is { } priority ? [priority] : null,
            ShortText(values.CorrelationId),
            ShortText(values.ReplyTo),
            ShortText(values.Expiration),
            ShortText(values.MessageId),
            values.Timestamp is { } timestamp ? UInt64(timestamp) : null,
            ShortText(values.Type),
            ShortText(values.UserId),
            ShortText(values.AppId),
            ShortText(values.ClusterId),
        ];
        int flags = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            flags |= parts[i] is null ? 0 : 0x8000 >> i;
        }

        byte[] encoded = new byte[BasicProperties.FlagsSize + parts.Sum(p => p?.Length ?? 0)];
        BinaryPrimitives.WriteUInt16BigEndian(encoded, (ushort)flags);
        int at = BasicProperties.FlagsSize;
        foreach (byte[]? part in parts)
        {
            part?.CopyTo(encoded, at);
            at += part?.Length ?? 0;
        }

        return encoded;
    }

    /// <summary>The same properties with other headers.</summary>
    /// <param name="properties">Checked properties.</param>
    /// <param name="headers">The headers to put in place of those there; null leaves them as they are.</param>
    /// <param name="keepExpiration">False to leave the expiration out.</param>
    public static byte[] Replace(ReadOnlySpan<byte> properties, FieldTable? headers, bool keepExpiration)
    {
        byte[] result = headers is null
            ? properties.ToArray()
            : Exchange(properties, BasicProperty.Headers, Table(headers));
        return keepExpiration ? result : Exchange(result, BasicProperty.Expiration, []);
    }

    /// <summary>The same properties with another reply-to.</summary>
    /// <exception cref="OverflowException">The reply-to is longer than 255 bytes.</exception>
    public static byte[] ReplaceReplyTo(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> replyTo) =>
        Exchange(properties, BasicProperty.ReplyTo, [checked((byte)replyTo.Length), .. replyTo]);

    // `part` takes the place of the property, whether it was there or not; an empty part removes it.
    private static byte[] Exchange(ReadOnlySpan<byte> encoded, BasicProperty property, ReadOnlySpan<byte> part)
    {
        var properties = BasicProperties.OfChecked(encoded);
        int before = BasicProperties.FlagsSize;
        for (BasicProperty earlier = 0; earlier < property; earlier++)
        {
            before += properties.Raw(earlier).Length;
        }

        int removed = properties.Raw(property).Length;
        byte[] result = [.. encoded[..before], .. part, .. encoded[(before + removed)..]];
        int flag = 0x8000 >> (int)property;
        int flags = BinaryPrimitives.ReadUInt16BigEndian(encoded) & ~flag;
        BinaryPrimitives.WriteUInt16BigEndian(result, (ushort)(part.IsEmpty ? flags : flags | flag));
        return result;
    }

    private static byte[]? ShortText(string? text)
    {
        if (text is null)
        {
            return null;
        }

        byte[] utf8 = Encoding.UTF8.GetBytes(ReplyText.Cut(text));
        return [(byte)utf8.Length, .. utf8];
    }

    private static byte[] Table(FieldTable table)
    {
        byte[] encoded = new byte[sizeof(uint) + FieldTableWriter.SizeOf(table)];
        _ = FieldTableWriter.WriteWithLength(encoded, table);
        return encoded;
    }

    private static byte[] UInt64(ulong value)
    {
        byte[] encoded = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(encoded, value);
        return encoded;
    }
}
