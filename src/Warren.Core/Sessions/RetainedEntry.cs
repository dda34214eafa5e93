using System.Buffers.Binary;
using System.Text;
using Warren.Buffers.Scheduling;

namespace Warren.Core.Sessions;

/// <summary>Who published a retained message.</summary>
/// <param name="UserName">The user.</param>
/// <param name="ClientId">The client, which topic permissions may name.</param>
public sealed record RetainedSource(string UserName, string ClientId);

/// <summary>A retained message as it is kept.</summary>
/// <param name="Image">The message. Not to be changed.</param>
/// <param name="Source">Who published it; null: not known.</param>
/// <param name="Lsn">Its record; 0: it is not stored.</param>
/// <param name="ExpiresAt">When it ends; the record has it as wall time.</param>
internal sealed record RetainedEntry(byte[] Image, RetainedSource? Source, ulong Lsn, Uptime ExpiresAt)
{
    /// <summary>How the record is laid out now: virtual host, user and client before the image. 0: the virtual host only.</summary>
    public const ulong Layout = 1;

    /// <summary>What stands before the image in the record.</summary>
    public static byte[] WriteHead(ReadOnlySpan<byte> virtualHost, RetainedSource? source)
    {
        string user = source?.UserName ?? "";
        string client = source?.ClientId ?? "";
        byte[] head = new byte[6 + virtualHost.Length + Encoding.UTF8.GetByteCount(user) + Encoding.UTF8.GetByteCount(client)];
        Span<byte> rest = Write(head, virtualHost);
        rest = Write(rest, Encoding.UTF8.GetBytes(user));
        Write(rest, Encoding.UTF8.GetBytes(client));
        return head;
    }

    /// <summary>Reads a record.</summary>
    /// <param name="stored">Its payload.</param>
    /// <param name="layout">How it is laid out.</param>
    /// <param name="lsn">Its LSN.</param>
    /// <param name="expiresAt">When the message ends.</param>
    /// <exception cref="InvalidDataException">A newer broker has written it.</exception>
    public static (string VirtualHost, RetainedEntry Entry) Read(ReadOnlySpan<byte> stored, ulong layout, ulong lsn, Uptime expiresAt)
    {
        if (layout > Layout)
        {
            throw new InvalidDataException($"retained message of layout {layout}; this broker reads layout {Layout}");
        }

        string virtualHost = Take(ref stored);
        string user = layout == 0 ? "" : Take(ref stored);
        string client = layout == 0 ? "" : Take(ref stored);
        return (virtualHost, new RetainedEntry(stored.ToArray(), user.Length == 0 ? null : new RetainedSource(user, client), lsn, expiresAt));
    }

    private static Span<byte> Write(Span<byte> to, ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)text.Length);
        text.CopyTo(to[2..]);
        return to[(2 + text.Length)..];
    }

    private static string Take(ref ReadOnlySpan<byte> stored)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(stored);
        string text = Encoding.UTF8.GetString(stored.Slice(2, length));
        stored = stored[(2 + length)..];
        return text;
    }
}
