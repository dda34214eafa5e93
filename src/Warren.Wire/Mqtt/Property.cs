using System.Buffers.Binary;

namespace Warren.Wire.Mqtt;

/// <summary>One property, a view into the packet (MQTT 5.0, 2.2.2.2).</summary>
public readonly ref struct Property
{
    private Property(PropertyId id, uint number, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ReadOnlySpan<byte> encoded)
    {
        Id = id;
        Number = number;
        Name = name;
        Value = value;
        Encoded = encoded;
    }

    /// <summary>What it is.</summary>
    public PropertyId Id { get; }

    /// <summary>The value of a property that is a number of any width; otherwise 0.</summary>
    public uint Number { get; }

    /// <summary>The name of a user property; otherwise empty.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value of a property that is text or binary, or of a user property; otherwise empty.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The property as it is on the wire, identifier included.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Reads one property and moves <paramref name="rest"/> past it; text and ranges are not checked.</summary>
    /// <returns>False when it is cut off, or of no known identifier.</returns>
    internal static bool TryRead(scoped ref ReadOnlySpan<byte> rest, out Property property)
    {
        property = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        // An identifier is a variable byte integer, but all there are take one byte: a second one makes it unknown.
        var id = (PropertyId)rest[0];
        ReadOnlySpan<byte> from = rest[1..];
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> value = default;
        uint number = 0;
        int size;
        switch (PropertyRules.TypeOf(id))
        {
            case PropertyType.Byte when from.Length >= 1:
                number = from[0];
                size = 1;
                break;
            case PropertyType.TwoByteInteger when from.Length >= sizeof(ushort):
                number = BinaryPrimitives.ReadUInt16BigEndian(from);
                size = sizeof(ushort);
                break;
            case PropertyType.FourByteInteger when from.Length >= sizeof(uint):
                number = BinaryPrimitives.ReadUInt32BigEndian(from);
                size = sizeof(uint);
                break;
            case PropertyType.VariableByteInteger:
                size = VariableByteInteger.Read(from, out int variable);
                if (size <= 0)
                {
                    return false;
                }

                number = (uint)variable;
                break;
            case PropertyType.Text or PropertyType.Binary when TryReadBinary(from, out value):
                size = sizeof(ushort) + value.Length;
                break;
            case PropertyType.TextPair when TryReadBinary(from, out name)
                && TryReadBinary(from[(sizeof(ushort) + name.Length)..], out value):
                size = (2 * sizeof(ushort)) + name.Length + value.Length;
                break;
            default:
                return false;
        }

        property = new Property(id, number, name, value, rest[..(1 + size)]);
        rest = from[size..];
        return true;
    }

    private static bool TryReadBinary(ReadOnlySpan<byte> from, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (from.Length < sizeof(ushort))
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(from);
        if (from.Length - sizeof(ushort) < length)
        {
            return false;
        }

        value = from.Slice(sizeof(ushort), length);
        return true;
    }
}
