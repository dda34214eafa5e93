namespace Warren.Buffers.Fields;

/// <summary>Walks the fields of an encoded table in their order, without decoding or allocating.</summary>
/// <remarks>Stops at the first malformed field; nested tables and arrays are not looked into.</remarks>
public ref struct FieldTableEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal FieldTableEnumerator(ReadOnlySpan<byte> table)
    {
        _rest = table;
        Current = default;
    }

    /// <summary>The field the last <see cref="MoveNext"/> came to.</summary>
    public FieldView Current { get; private set; }

    /// <summary>True when the walk stopped because of malformed bytes.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>This, so that it can stand in a foreach.</summary>
    public readonly FieldTableEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next field.</summary>
    /// <returns>False at the end and at malformed bytes.</returns>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        int nameLength = _rest[0];
        if (_rest.Length <= nameLength
            || !FieldTableReader.TrySkipValue(_rest[(1 + nameLength)..], out int length))
        {
            IsMalformed = true;
            _rest = default;
            return false;
        }

        ReadOnlySpan<byte> value = _rest.Slice(1 + nameLength, length);
        var type = (FieldType)value[0];
        Current = new FieldView(_rest.Slice(1, nameLength), type, value[FieldView.ValueOffset(type)..]);
        _rest = _rest[(1 + nameLength + length)..];
        return true;
    }
}
