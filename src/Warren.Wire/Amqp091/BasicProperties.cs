using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>
/// The properties of class basic over their encoded form: property flags and property list (AMQP 0-9-1, 4.2.6.1).
/// </summary>
/// <remarks>One pass notes where each property begins; nothing is decoded or allocated before it is asked for.</remarks>
public readonly ref struct BasicProperties
{
    /// <summary>Number of properties.</summary>
    internal const int Count = 14;

    /// <summary>Bytes of the property flags.</summary>
    internal const int FlagsSize = sizeof(ushort);

    // Bit 0 says that another flag word follows, bit 1 belongs to no property: class basic has neither.
    private const int UnusedFlags = 0b11;

    private readonly ushort _flags;
    private readonly Offsets _offsets;

    private BasicProperties(ReadOnlySpan<byte> encoded, ushort flags, Offsets offsets)
    {
        Encoded = encoded;
        _flags = flags;
        _offsets = offsets;
    }

    /// <summary>Property flags and property list as they came.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>The encoding of no property at all.</summary>
    public static ReadOnlySpan<byte> None => [0, 0];

    /// <summary>MIME type of the body; empty when absent.</summary>
    public ReadOnlySpan<byte> ContentType => ShortString(BasicProperty.ContentType);

    /// <summary>MIME encoding of the body; empty when absent.</summary>
    public ReadOnlySpan<byte> ContentEncoding => ShortString(BasicProperty.ContentEncoding);

    /// <summary>The headers, encoded without length prefix; empty when absent.</summary>
    public ReadOnlySpan<byte> Headers => Has(BasicProperty.Headers) ? Raw(BasicProperty.Headers)[sizeof(uint)..] : [];

    /// <summary>1 transient, 2 persistent; 0 when absent.</summary>
    public byte DeliveryMode => Octet(BasicProperty.DeliveryMode);

    /// <summary>Delivery mode 2.</summary>
    public bool IsPersistent => DeliveryMode == 2;

    /// <summary>Priority; 0 when absent.</summary>
    public byte Priority => Octet(BasicProperty.Priority);

    /// <summary>What this message answers; empty when absent.</summary>
    public ReadOnlySpan<byte> CorrelationId => ShortString(BasicProperty.CorrelationId);

    /// <summary>Where an answer goes; empty when absent.</summary>
    public ReadOnlySpan<byte> ReplyTo => ShortString(BasicProperty.ReplyTo);

    /// <summary>Time to live, milliseconds in text, not checked; empty when absent.</summary>
    public ReadOnlySpan<byte> Expiration => ShortString(BasicProperty.Expiration);

    /// <summary>The application's id of the message; empty when absent.</summary>
    public ReadOnlySpan<byte> MessageId => ShortString(BasicProperty.MessageId);

    /// <summary>Unix time in seconds; 0 when absent.</summary>
    public ulong Timestamp => Has(BasicProperty.Timestamp)
        ? BinaryPrimitives.ReadUInt64BigEndian(Raw(BasicProperty.Timestamp))
        : 0;

    /// <summary>The application's type of the message; empty when absent.</summary>
    public ReadOnlySpan<byte> Type => ShortString(BasicProperty.Type);

    /// <summary>The user who published; empty when absent.</summary>
    public ReadOnlySpan<byte> UserId => ShortString(BasicProperty.UserId);

    /// <summary>The application that published; empty when absent.</summary>
    public ReadOnlySpan<byte> AppId => ShortString(BasicProperty.AppId);

    /// <summary>Reserved; empty when absent.</summary>
    public ReadOnlySpan<byte> ClusterId => ShortString(BasicProperty.ClusterId);

    /// <summary>Whether the property is given.</summary>
    public bool Has(BasicProperty property) => (_flags & (0x8000 >> (int)property)) != 0;

    /// <summary>Reads encoded properties of unknown origin, headers to any depth.</summary>
    /// <exception cref="ConnectionError">502 SYNTAX_ERROR: malformed, or bytes left over.</exception>
    public static BasicProperties Read(ReadOnlySpan<byte> encoded)
    {
        if (!TryParse(encoded, out BasicProperties properties))
        {
            ConnectionError.ThrowMalformedProperties("truncated, overlong or with unknown flags");
        }

        if (properties.Has(BasicProperty.Headers))
        {
            FieldTableFault fault = FieldTableReader.Check(properties.Headers);
            if (fault != FieldTableFault.None)
            {
                ConnectionError.ThrowMalformedProperties($"headers: {fault}");
            }
        }

        return properties;
    }

    /// <summary>Reads encoded properties that were checked when they came in; the headers are not walked again.</summary>
    /// <exception cref="FormatException">They were not.</exception>
    public static BasicProperties OfChecked(ReadOnlySpan<byte> encoded)
    {
        if (!TryParse(encoded, out BasicProperties properties))
        {
            ThrowNotChecked();
        }

        return properties;
    }

    /// <summary>The property as it is in the property list, length prefix included; empty when absent.</summary>
    public ReadOnlySpan<byte> Raw(BasicProperty property)
    {
        if (!Has(property))
        {
            return [];
        }

        ReadOnlySpan<byte> rest = Encoded[_offsets[(int)property]..];
        return rest[..SizeOf(property, rest)];
    }

    private ReadOnlySpan<byte> ShortString(BasicProperty property) => Has(property) ? Raw(property)[1..] : [];

    private byte Octet(BasicProperty property) => Has(property) ? Encoded[_offsets[(int)property]] : (byte)0;

    private static bool TryParse(ReadOnlySpan<byte> encoded, out BasicProperties properties)
    {
        properties = default;
        if (encoded.Length < FlagsSize)
        {
            return false;
        }

        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(encoded);
        if ((flags & UnusedFlags) != 0)
        {
            return false;
        }

        Offsets offsets = default;
        int at = FlagsSize;
        for (int rest = flags << 16; rest != 0;)
        {
            int property = System.Numerics.BitOperations.LeadingZeroCount((uint)rest);
            rest &= (int)~(0x8000_0000 >> property);
            offsets[property] = at;
            int size = SizeOf((BasicProperty)property, encoded[at..]);
            if (size > encoded.Length - at)
            {
                return false;
            }

            at += size;
        }

        properties = new BasicProperties(encoded, flags, offsets);
        return at == encoded.Length;
    }

    // Bytes the property at the start of `rest` takes; more than there are when it is cut off.
    private static int SizeOf(BasicProperty property, ReadOnlySpan<byte> rest)
    {
        switch (property)
        {
            case BasicProperty.DeliveryMode:
            case BasicProperty.Priority:
                return 1;
            case BasicProperty.Timestamp:
                return sizeof(ulong);
            case BasicProperty.Headers:
                return rest.Length < sizeof(uint)
                    ? int.MaxValue
                    : (int)Math.Min(int.MaxValue, sizeof(uint) + (long)BinaryPrimitives.ReadUInt32BigEndian(rest));
            default:
                return rest.IsEmpty ? int.MaxValue : 1 + rest[0];
        }
    }

    [DoesNotReturn]
    private static void ThrowNotChecked() => throw new FormatException("malformed content properties");

    [InlineArray(Count)]
    private struct Offsets
    {
        private int _first;
    }
}
