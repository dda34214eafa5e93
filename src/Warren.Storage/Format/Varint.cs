namespace Warren.Storage.Format;

/// <summary>LEB128 numbers and zigzag differences. Pure.</summary>
internal static class Varint
{
    internal const int MaxSize = 10;

    internal static int Write(Span<byte> destination, ulong value)
    {
        int length = 0;
        while (value >= 0x80)
        {
            destination[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length++] = (byte)value;
        return length;
    }

    /// <summary>Writes <paramref name="value"/> as its wrapped distance from <paramref name="from"/>.</summary>
    internal static int WriteDelta(Span<byte> destination, ulong from, ulong value)
    {
        long delta = unchecked((long)(value - from));
        return Write(destination, unchecked((ulong)((delta << 1) ^ (delta >> 63))));
    }

    /// <summary>Reads one number and moves <paramref name="input"/> past it; false when it is cut off or too long.</summary>
    internal static bool TryRead(ref ReadOnlySpan<byte> input, out ulong value)
    {
        value = 0;
        for (int i = 0; i < input.Length && i < MaxSize; i++)
        {
            byte part = input[i];
            if (i == MaxSize - 1 && part > 1)
            {
                return false;
            }

            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                input = input[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    internal static bool TryReadDelta(ref ReadOnlySpan<byte> input, ulong from, out ulong value)
    {
        if (!TryRead(ref input, out ulong zigzag))
        {
            value = 0;
            return false;
        }

        value = unchecked(from + ((zigzag >> 1) ^ (0 - (zigzag & 1))));
        return true;
    }
}
