using System.Buffers.Binary;

namespace Warren.Wire.Mqtt;

/// <summary>Goes through the filters of an UNSUBSCRIBE that has been read.</summary>
public ref struct FilterEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal FilterEnumerator(ReadOnlySpan<byte> filters) => _rest = filters;

    /// <summary>The filter at hand.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        int end = sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(_rest);
        Current = _rest[sizeof(ushort)..end];
        _rest = _rest[end..];
        return true;
    }
}
