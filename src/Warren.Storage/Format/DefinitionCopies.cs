using System.Buffers.Binary;

namespace Warren.Storage.Format;

/// <summary>The payloads of the definitions of a segment, by the number of the record in it: a sidecar's second copy.</summary>
/// <remarks>
/// <code>
/// count u32; for each: record u32, length u32; then the payloads one after the other
/// </code>
/// Not thread-safe.
/// </remarks>
internal sealed class DefinitionCopies
{
    /// <summary>A larger payload is not kept twice: its bytes are content rather than a definition.</summary>
    internal const int MaxPayload = 1 << 20;

    private const int EntrySize = 8;

    private readonly List<(int Record, ReadOnlyMemory<byte> Payload)> _all = [];
    private long _payloadBytes;

    /// <summary>None.</summary>
    internal static DefinitionCopies Empty { get; } = new();

    internal int Count => _all.Count;

    internal long Size => sizeof(uint) + ((long)EntrySize * _all.Count) + _payloadBytes;

    /// <summary>Adds one; records come in their order.</summary>
    internal void Add(int record, ReadOnlyMemory<byte> payload)
    {
        _all.Add((record, payload));
        _payloadBytes += payload.Length;
    }

    /// <summary>The copy of a record's payload; false when there is none.</summary>
    internal bool TryFind(int record, out ReadOnlyMemory<byte> payload)
    {
        int low = 0;
        int high = _all.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_all[middle].Record == record)
            {
                payload = _all[middle].Payload;
                return true;
            }

            (low, high) = _all[middle].Record < record ? (middle + 1, high) : (low, middle - 1);
        }

        payload = default;
        return false;
    }

    internal void Write(ref ByteCursor output)
    {
        output.Put((uint)_all.Count);
        foreach ((int record, ReadOnlyMemory<byte> payload) in _all)
        {
            output.Put((uint)record);
            output.Put((uint)payload.Length);
        }

        foreach ((_, ReadOnlyMemory<byte> payload) in _all)
        {
            output.Put(payload.Span);
        }
    }

    /// <summary>Null when the bytes are not exactly what <see cref="Write"/> made; uses them as long as it lives.</summary>
    internal static DefinitionCopies? TryRead(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < sizeof(uint))
        {
            return null;
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(span);
        if (count > (span.Length - sizeof(uint)) / EntrySize)
        {
            return null;
        }

        var copies = new DefinitionCopies();
        int position = sizeof(uint) + ((int)count * EntrySize);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = span[(sizeof(uint) + (i * EntrySize))..];
            uint record = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            if (length > span.Length - position || record > int.MaxValue)
            {
                return null;
            }

            copies.Add((int)record, bytes.Slice(position, (int)length));
            position += (int)length;
        }

        return position == span.Length ? copies : null;
    }
}
