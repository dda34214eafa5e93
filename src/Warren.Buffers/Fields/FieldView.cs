namespace Warren.Buffers.Fields;

/// <summary>One field of an encoded table, not decoded: a view into the table's bytes.</summary>
public readonly ref struct FieldView
{
    internal FieldView(ReadOnlySpan<byte> name, FieldType type, ReadOnlySpan<byte> rawValue)
    {
        Name = name;
        Type = type;
        RawValue = rawValue;
    }

    /// <summary>The name, mostly UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The type of the value.</summary>
    public FieldType Type { get; }

    /// <summary>
    /// The value as it is on the wire (big-endian), without the length prefix of strings, arrays and tables.
    /// </summary>
    public ReadOnlySpan<byte> RawValue { get; }

    /// <summary>Decodes the value; allocates for strings, arrays and tables.</summary>
    /// <returns>False when it is an array or a table with malformed content.</returns>
    public bool TryReadValue(out FieldValue value)
    {
        bool valid = Type switch
        {
            FieldType.Table => FieldTableReader.Validate(RawValue),
            FieldType.Array => FieldTableReader.ValidateArray(RawValue),
            _ => true,
        };
        value = valid ? FieldTableReader.ReadValue(Type, RawValue) : default;
        return valid;
    }

    /// <summary>Bytes between the type octet, itself included, and the value.</summary>
    internal static int ValueOffset(FieldType type) =>
        type is FieldType.LongString or FieldType.Bytes or FieldType.Array or FieldType.Table
            ? 1 + sizeof(uint)
            : 1;
}
