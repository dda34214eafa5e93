using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>The CC and BCC headers: further routing keys chosen by the sender (RabbitMQ's sender-selected distribution).</summary>
internal static class SenderSelected
{
    /// <summary>Whether a headers table has CC or BCC. Does not allocate when it has not.</summary>
    public static bool IsPresent(ReadOnlySpan<byte> headers) =>
        FieldTableReader.TryFind(headers, "CC"u8, out _) || FieldTableReader.TryFind(headers, "BCC"u8, out _);

    /// <summary>Adds the keys of both headers to <paramref name="keys"/>.</summary>
    /// <returns>The encoded properties without BCC, which nobody but the broker may see.</returns>
    /// <exception cref="ChannelError">406: a header is no array of strings.</exception>
    public static byte[] Extract(ReadOnlySpan<byte> properties, List<byte[]> keys)
    {
        FieldTable headers = Amqp091MessageFormat.Instance.ReadHeaders(properties);
        AddKeys(headers, "CC", keys);
        AddKeys(headers, "BCC", keys);
        if (!headers.TryGet("BCC", out _))
        {
            return properties.ToArray();
        }

        headers.Remove("BCC");
        return Amqp091MessageFormat.Instance.WithHeaders(properties, headers, keepExpiration: true);
    }

    private static void AddKeys(FieldTable headers, string name, List<byte[]> keys)
    {
        if (!headers.TryGet(name, out FieldValue value))
        {
            return;
        }

        if (value.Type != FieldType.Array)
        {
            throw Unacceptable(name, value.Type);
        }

        foreach (FieldValue key in value.AsArray())
        {
            if (key.Type != FieldType.LongString || key.AsBytes().Length > byte.MaxValue)
            {
                throw Unacceptable(name, key.Type);
            }

            keys.Add(key.AsBytes().ToArray());
        }
    }

    private static ChannelError Unacceptable(string name, FieldType type) => new(
        ReplyCode.PreconditionFailed,
        $"invalid message: {{unacceptable_type_in_header,\"{name}\",{ErlangText.TypeName(type)}}}",
        MethodId.BasicPublish);
}
