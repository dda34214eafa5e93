using System.Buffers.Binary;

namespace Warren.Wire.Mqtt;

/// <summary>Goes through the filters of a SUBSCRIBE that has been read.</summary>
public ref struct SubscriptionEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal SubscriptionEnumerator(ReadOnlySpan<byte> filters) => _rest = filters;

    /// <summary>The filter at hand.</summary>
    public Subscription Current { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        int end = sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(_rest);
        Current = new Subscription(_rest[sizeof(ushort)..end], _rest[end]);
        _rest = _rest[(end + 1)..];
        return true;
    }
}
