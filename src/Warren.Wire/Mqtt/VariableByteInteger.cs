using System.Diagnostics;

namespace Warren.Wire.Mqtt;

/// <summary>A number of one to four bytes, seven bits each, lowest first (MQTT 5.0, 1.5.5).</summary>
public static class VariableByteInteger
{
    /// <summary>The largest number.</summary>
    public const int MaxValue = 268_435_455;

    /// <summary>Bytes of the longest encoding.</summary>
    public const int MaxSize = 4;

    private const int Continues = 0x80;

    /// <summary>Bytes the number takes.</summary>
    /// <param name="value">From 0 to <see cref="MaxValue"/>.</param>
    public static int SizeOf(int value) => value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;

    /// <summary>Writes the number in the fewest bytes ([MQTT-1.5.5-1]).</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, int value)
    {
        Debug.Assert((uint)value <= MaxValue, "no variable byte integer");
        int at = 0;
        while (value >= Continues)
        {
            destination[at++] = (byte)(value | Continues);
            value >>= 7;
        }

        destination[at++] = (byte)value;
        return at;
    }

    /// <summary>Reads a number.</summary>
    /// <returns>
    /// Bytes it took; 0 when they have not all arrived; -1 when there are more than four, or more than it needs.
    /// </returns>
    public static int Read(ReadOnlySpan<byte> input, out int value)
    {
        value = 0;
        if (input.IsEmpty)
        {
            return 0;
        }

        value = input[0];
        if (value < Continues)
        {
            return 1;
        }

        value &= ~Continues;
        for (int at = 1; at < MaxSize; at++)
        {
            if (at == input.Length)
            {
                return 0;
            }

            int octet = input[at];
            value |= (octet & ~Continues) << (7 * at);
            if (octet < Continues)
            {
                return octet == 0 ? -1 : at + 1;
            }
        }

        return -1;
    }
}
