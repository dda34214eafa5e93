using System.Buffers.Binary;
using System.Text;

namespace Warren.Wire.Mqtt;

/// <summary>Writes properties, without their length, into a span: what the packet writers take.</summary>
/// <remarks>
/// The destination has to be long enough; running over its end is a bug of the caller and throws what a span throws.
/// Nothing is checked: the caller keeps to <see cref="PropertyRules"/>.
/// </remarks>
public ref struct PropertyWriter
{
    private readonly Span<byte> _destination;
    private int _at;

    /// <summary>Begins properties.</summary>
    public PropertyWriter(Span<byte> destination) => _destination = destination;

    /// <summary>What has been written.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[.._at];

    /// <summary>Bytes that <see cref="Text(PropertyId, ReadOnlySpan{byte})"/> takes for a value of that length.</summary>
    public static int SizeOfText(int length) => 1 + sizeof(ushort) + length;

    /// <summary>Appends a number, as wide as the property has it.</summary>
    public void Number(PropertyId id, uint value)
    {
        _destination[_at++] = (byte)id;
        Span<byte> to = _destination[_at..];
        switch (PropertyRules.TypeOf(id))
        {
            case PropertyType.Byte:
                to[0] = checked((byte)value);
                _at++;
                break;
            case PropertyType.TwoByteInteger:
                BinaryPrimitives.WriteUInt16BigEndian(to, checked((ushort)value));
                _at += sizeof(ushort);
                break;
            case PropertyType.FourByteInteger:
                BinaryPrimitives.WriteUInt32BigEndian(to, value);
                _at += sizeof(uint);
                break;
            case PropertyType.VariableByteInteger:
                _at += VariableByteInteger.Write(to, checked((int)value));
                break;
            default:
                throw new ArgumentException($"{id} is not a number", nameof(id));
        }
    }

    /// <summary>Appends a text or binary value of at most 65535 bytes.</summary>
    public void Text(PropertyId id, scoped ReadOnlySpan<byte> value)
    {
        _destination[_at++] = (byte)id;
        Binary(value);
    }

    /// <summary>Appends a text of at most 65535 bytes of UTF-8.</summary>
    public void Text(PropertyId id, string value)
    {
        _destination[_at++] = (byte)id;
        int length = Encoding.UTF8.GetBytes(value, _destination[(_at + sizeof(ushort))..]);
        BinaryPrimitives.WriteUInt16BigEndian(_destination[_at..], checked((ushort)length));
        _at += sizeof(ushort) + length;
    }

    /// <summary>Appends a user property.</summary>
    public void User(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        _destination[_at++] = (byte)PropertyId.UserProperty;
        Binary(name);
        Binary(value);
    }

    /// <summary>Appends properties that are encoded already.</summary>
    public void Encoded(scoped ReadOnlySpan<byte> properties)
    {
        properties.CopyTo(_destination[_at..]);
        _at += properties.Length;
    }

    /// <summary>Appends the properties of a message but for some; see <see cref="Properties.CopyWithout"/>.</summary>
    public void Without(
        scoped Properties properties,
        PropertyId first,
        PropertyId second = PropertyId.None,
        PropertyId third = PropertyId.None) =>
        _at += properties.CopyWithout(_destination[_at..], first, second, third);

    private void Binary(scoped ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_destination[_at..], checked((ushort)value.Length));
        value.CopyTo(_destination[(_at + sizeof(ushort))..]);
        _at += sizeof(ushort) + value.Length;
    }
}
