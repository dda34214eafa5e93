using System.Buffers.Binary;

namespace Warren.FaultTests.Books;

/// <summary>Bodies that say which message they are and show every altered byte.</summary>
internal static class Bodies
{
    private const int Smallest = 16; // bytes

    /// <summary>The body of a message.</summary>
    internal static byte[] Make(int id, int size = 200)
    {
        byte[] body = new byte[Math.Max(Smallest, size)];
        BinaryPrimitives.WriteInt32BigEndian(body, id);
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(4), body.Length);
        new Random(id).NextBytes(body.AsSpan(8));
        return body;
    }

    /// <summary>The number of the message; null when a byte of it has changed.</summary>
    internal static int? Read(byte[] body)
    {
        if (body.Length < Smallest)
        {
            return null;
        }

        int id = BinaryPrimitives.ReadInt32BigEndian(body);
        int size = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(4));
        return size == body.Length && body.AsSpan().SequenceEqual(Make(id, size)) ? id : null;
    }
}
