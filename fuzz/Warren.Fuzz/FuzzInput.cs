using System.Buffers.Binary;

namespace Warren.Fuzz;

/// <summary>The bytes of one input while they are being mutated. Never longer than <see cref="MaxSize"/>.</summary>
internal sealed class FuzzInput
{
    public const int MaxSize = 16 * 1024;

    // Numbers at which lengths and counts go wrong.
    private static readonly ulong[] Edges =
    [
        0, 1, 2, 0x40, 0x7F, 0x80, 0xFE, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000,
        0xFFFFFFFB, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, ulong.MaxValue,
    ];

    private readonly byte[] _bytes = new byte[MaxSize];
    private readonly byte[] _copy = new byte[MaxSize];

    public int Length { get; private set; }

    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Set(ReadOnlySpan<byte> bytes)
    {
        Length = Math.Min(bytes.Length, MaxSize);
        bytes[..Length].CopyTo(_bytes);
    }

    /// <summary>Puts bytes in, as many as there is room for.</summary>
    public void Insert(int at, ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, MaxSize - Length);
        bytes[..count].CopyTo(_copy);
        _bytes.AsSpan(at, Length - at).CopyTo(_bytes.AsSpan(at + count));
        _copy.AsSpan(0, count).CopyTo(_bytes.AsSpan(at));
        Length += count;
    }

    public void Delete(int at, int count)
    {
        _bytes.AsSpan(at + count, Length - at - count).CopyTo(_bytes.AsSpan(at));
        Length -= count;
    }

    /// <summary>One random change that knows nothing of the format.</summary>
    public void Mutate(FuzzRandom random, IReadOnlyList<byte[]> corpus)
    {
        int at = random.Next(Length);
        int some = Math.Min(1 + random.Next(16), Length - at);
        switch (random.Next(10))
        {
            case 0 when Length > 0:
                _bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when Length > 0:
                _bytes[at] = (byte)random.Next64();
                break;
            case 2 when Length > 0:
                _bytes[at] = (byte)random.Pick(Edges);
                break;
            case 3 or 4:
                Overwrite(at, random);
                break;
            case 5:
                Delete(at, some);
                break;
            case 6:
                Insert(at, Bytes.Slice(at, some));
                break;
            case 7:
                Length = random.Next(Length + 1);
                break;
            case 8:
                ReadOnlySpan<byte> other = random.Pick(corpus);
                int from = random.Next(other.Length);
                Insert(at, other[from..(from + random.Next(other.Length - from + 1))]);
                break;
            default:
                Span<byte> noise = stackalloc byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(noise, random.Next64());
                Insert(at, noise[..(1 + random.Next(8))]);
                break;
        }
    }

    // A big-endian number of 2, 4 or 8 bytes becomes an edge, or an edge of what follows it.
    private void Overwrite(int at, FuzzRandom random)
    {
        int width = 2 << random.Next(3);
        if (Length - at < width)
        {
            return;
        }

        ulong value = random.Next(2) == 0
            ? random.Pick(Edges)
            : (ulong)(Length - at - width + random.Next(5) - 2);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, value);
        number[(8 - width)..].CopyTo(_bytes.AsSpan(at));
    }
}
