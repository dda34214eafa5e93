namespace Warren.Wire.Mqtt;

/// <summary>Goes through properties in the order in which they were sent.</summary>
public ref struct PropertyEnumerator
{
    private ReadOnlySpan<byte> _rest;
    private Property _current;

    internal PropertyEnumerator(ReadOnlySpan<byte> encoded) => _rest = encoded;

    /// <summary>The property at hand.</summary>
    public readonly Property Current => _current;

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        ReadOnlySpan<byte> rest = _rest;
        bool more = Property.TryRead(ref rest, out Property next);
        _rest = rest;
        _current = next;
        return more;
    }
}
