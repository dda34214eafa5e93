using System.Text.Unicode;

namespace Warren.Fuzz.Targets;

/// <summary>A second field table reader, written for nothing but to be obviously right.</summary>
internal static class PlainTableReader
{
    private const int MaxDepth = 64;

    /// <param name="table">Any bytes.</param>
    /// <param name="canonical">Whether decoding and encoding has to give the same bytes.</param>
    public static bool IsValid(ReadOnlySpan<byte> table, out bool canonical)
    {
        canonical = true;
        var rest = new Queue<byte>(table.ToArray());
        return Items(rest, rest.Count, named: true, 1, ref canonical) && rest.Count == 0;
    }

    private static bool Items(Queue<byte> rest, long size, bool named, int depth, ref bool canonical)
    {
        long end = rest.Count - size;
        if (end < 0 || depth > MaxDepth)
        {
            return false;
        }

        while (rest.Count > end)
        {
            if ((named && !Name(rest, ref canonical)) || !Value(rest, depth, ref canonical))
            {
                return false;
            }
        }

        return rest.Count == end;
    }

    private static bool Name(Queue<byte> rest, ref bool canonical)
    {
        if (!Take(rest, rest.Peek() + 1L, out byte[] name))
        {
            return false;
        }

        canonical &= Utf8.IsValid(name.AsSpan(1));
        return true;
    }

    private static bool Value(Queue<byte> rest, int depth, ref bool canonical)
    {
        if (!Take(rest, 1, out byte[] type))
        {
            return false;
        }

        switch ((char)type[0])
        {
            case 'V':
                return true;
            case 't':
                bool there = Take(rest, 1, out byte[] boolean);
                canonical &= there && boolean[0] <= 1;
                return there;
            case 'b' or 'B':
                return Take(rest, 1, out _);
            case 's' or 'u':
                return Take(rest, 2, out _);
            case 'I' or 'i' or 'f':
                return Take(rest, 4, out _);
            case 'D':
                return Take(rest, 5, out _);
            case 'l' or 'd' or 'T':
                return Take(rest, 8, out _);
            case 'S' or 'x':
                return Length(rest, out long octets) && Take(rest, octets, out _);
            case 'A':
                return Length(rest, out long items) && Items(rest, items, named: false, depth + 1, ref canonical);
            case 'F':
                return Length(rest, out long fields) && Items(rest, fields, named: true, depth + 1, ref canonical);
            default:
                return false;
        }
    }

    private static bool Length(Queue<byte> rest, out long length)
    {
        bool there = Take(rest, 4, out byte[] number);
        length = there ? (number[0] * 0x1000000L) + (number[1] * 0x10000) + (number[2] * 0x100) + number[3] : 0;
        return there;
    }

    private static bool Take(Queue<byte> rest, long count, out byte[] taken)
    {
        taken = [];
        if (count > rest.Count)
        {
            return false;
        }

        taken = new byte[count];
        for (int i = 0; i < count; i++)
        {
            taken[i] = rest.Dequeue();
        }

        return true;
    }
}
