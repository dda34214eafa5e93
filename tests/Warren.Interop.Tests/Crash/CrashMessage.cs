using System.Security.Cryptography;

namespace Warren.Interop.Tests.Crash;

/// <summary>A body that says who sent it, where to and as which one, and that shows any altered byte.</summary>
/// <param name="Queue">The queue it was published to.</param>
/// <param name="Publisher">Who published it.</param>
/// <param name="Sequence">Its number among those of the publisher to the queue; in a transaction: the transaction.</param>
/// <param name="Part">Its number in its transaction; otherwise 0.</param>
/// <param name="Parts">Messages of its transaction; otherwise 1.</param>
public sealed record CrashMessage(string Queue, string Publisher, long Sequence, int Part = 0, int Parts = 1)
{
    /// <summary>The body: `queue|publisher|sequence|part|parts|`, filling, SHA-256 of all before.</summary>
    public byte[] Encode(int filling, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        byte[] head = Running.Text.Bytes($"{Queue}|{Publisher}|{Sequence}|{Part}|{Parts}|");
        byte[] body = new byte[head.Length + filling + SHA256.HashSizeInBytes];
        head.CopyTo(body, 0);
        random.NextBytes(body.AsSpan(head.Length, filling));
        SHA256.HashData(body.AsSpan(0, head.Length + filling), body.AsSpan(head.Length + filling));
        return body;
    }

    /// <summary>Reads a body back; null when a byte of it changed.</summary>
    public static CrashMessage? Decode(ReadOnlySpan<byte> body)
    {
        if (body.Length < SHA256.HashSizeInBytes
            || !SHA256.HashData(body[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(body[^SHA256.HashSizeInBytes..]))
        {
            return null;
        }

        string[] parts = System.Text.Encoding.Latin1.GetString(body[..Math.Min(body.Length, 200)]).Split('|');
        return new CrashMessage(
            parts[0], parts[1], long.Parse(parts[2]), int.Parse(parts[3]), int.Parse(parts[4]));
    }
}
