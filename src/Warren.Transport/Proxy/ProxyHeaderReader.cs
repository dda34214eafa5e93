using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Warren.Transport.Proxy;

/// <summary>Reads the header a proxy puts before a client's bytes. Pure: no I/O, no state.</summary>
/// <remarks>
/// Version 1 is a line, <c>PROXY TCP4 192.0.2.1 192.0.2.2 56324 5672</c> and CR LF, of at most 107 octets. Version 2:
/// <code>
/// 0           12              13          14        16         16+length
/// +-----------+---------------+-----------+---------+-----------+
/// | signature | version, cmd  | family    | length  | addresses, then what is not used here
/// +-----------+---------------+-----------+---------+-----------+
/// </code>
/// </remarks>
public static class ProxyHeaderReader
{
    /// <summary>Longest header of version 1 in bytes, its CR LF included.</summary>
    public const int MaxTextSize = 107;

    /// <summary>Longest header in bytes. A proxy that adds all the values the protocol defines stays far below.</summary>
    public const int MaxSize = BinaryPrefixSize + 4096;

    private const int BinaryPrefixSize = 16;
    private const int LocalCommand = 0x20; // version 2, command LOCAL: the proxy itself, such as a health check
    private const int ProxyCommand = 0x21;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> TextStart => "PROXY "u8;

    /// <summary>Reads the header at the beginning of the input.</summary>
    /// <param name="input">What has arrived; may hold what follows the header.</param>
    /// <param name="header">The header when complete.</param>
    /// <param name="size">Its bytes when complete.</param>
    public static ProxyHeaderStatus Read(ReadOnlySpan<byte> input, out ProxyHeader header, out int size)
    {
        header = default;
        size = 0;
        if (BeginsLike(input, Signature))
        {
            return ReadBinary(input, ref header, ref size);
        }

        return BeginsLike(input, TextStart) ? ReadText(input, ref header, ref size) : ProxyHeaderStatus.Malformed;
    }

    private static bool BeginsLike(ReadOnlySpan<byte> input, ReadOnlySpan<byte> start)
    {
        int common = Math.Min(input.Length, start.Length);
        return input[..common].SequenceEqual(start[..common]);
    }

    private static ProxyHeaderStatus ReadBinary(ReadOnlySpan<byte> input, ref ProxyHeader header, ref int size)
    {
        if (input.Length < BinaryPrefixSize)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        int command = input[12];
        int length = BinaryPrimitives.ReadUInt16BigEndian(input[14..]);
        if (command is not (LocalCommand or ProxyCommand) || BinaryPrefixSize + length > MaxSize)
        {
            return ProxyHeaderStatus.Malformed;
        }

        if (input.Length < BinaryPrefixSize + length)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        ReadOnlySpan<byte> addresses = input.Slice(BinaryPrefixSize, length);
        ProxyHeaderStatus status = (command == LocalCommand ? 0 : input[13]) switch
        {
            TcpOverIPv4 => ReadAddresses(addresses, 4, ref header),
            TcpOverIPv6 => ReadAddresses(addresses, 16, ref header),
            0 or 0x31 or 0x32 => ProxyHeaderStatus.Complete, // not known, or a Unix socket of the proxy's machine
            _ => ProxyHeaderStatus.Malformed,
        };
        size = status == ProxyHeaderStatus.Complete ? BinaryPrefixSize + length : 0;
        return status;
    }

    private static ProxyHeaderStatus ReadAddresses(ReadOnlySpan<byte> addresses, int addressSize, ref ProxyHeader header)
    {
        if (addresses.Length < (2 * addressSize) + 4)
        {
            return ProxyHeaderStatus.Malformed;
        }

        ReadOnlySpan<byte> ports = addresses[(2 * addressSize)..];
        header = new ProxyHeader(
            new IPEndPoint(new IPAddress(addresses[..addressSize]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new IPEndPoint(new IPAddress(addresses.Slice(addressSize, addressSize)), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])));
        return ProxyHeaderStatus.Complete;
    }

    private static ProxyHeaderStatus ReadText(ReadOnlySpan<byte> input, ref ProxyHeader header, ref int size)
    {
        ReadOnlySpan<byte> line = input[..Math.Min(input.Length, MaxTextSize)];
        int end = line.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return line.Length < MaxTextSize ? ProxyHeaderStatus.Incomplete : ProxyHeaderStatus.Malformed;
        }

        size = end + 2;
        line = line[TextStart.Length..end];
        if (line.StartsWith("UNKNOWN"u8) && (line.Length == 7 || line[7] == ' '))
        {
            return ProxyHeaderStatus.Complete; // whatever follows on the line is to be ignored
        }

        bool understood = TryReadLine(line, ref header);
        size = understood ? size : 0;
        return understood ? ProxyHeaderStatus.Complete : ProxyHeaderStatus.Malformed;
    }

    // TCP4 192.0.2.1 192.0.2.2 56324 5672
    private static bool TryReadLine(ReadOnlySpan<byte> line, ref ProxyHeader header)
    {
        ReadOnlySpan<byte> kind = NextWord(ref line);
        AddressFamily family = kind.SequenceEqual("TCP6"u8) ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        if ((family == AddressFamily.InterNetwork && !kind.SequenceEqual("TCP4"u8))
            || !TryReadAddress(NextWord(ref line), family, out IPAddress? source)
            || !TryReadAddress(NextWord(ref line), family, out IPAddress? destination)
            || !TryReadPort(NextWord(ref line), out ushort sourcePort)
            || !TryReadPort(line, out ushort destinationPort))
        {
            return false;
        }

        header = new ProxyHeader(new IPEndPoint(source!, sourcePort), new IPEndPoint(destination!, destinationPort));
        return true;
    }

    // Words are separated by exactly one blank; an empty word is neither an address nor a port.
    private static ReadOnlySpan<byte> NextWord(ref ReadOnlySpan<byte> line)
    {
        int blank = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = blank < 0 ? line : line[..blank];
        line = blank < 0 ? default : line[(blank + 1)..];
        return word;
    }

    // Only what a proxy may write: the parser of the runtime also takes 127.1, 0x7f000001, brackets and scopes.
    private static bool TryReadAddress(ReadOnlySpan<byte> text, AddressFamily family, out IPAddress? address)
    {
        address = null;
        bool isIPv4 = family == AddressFamily.InterNetwork;
        ReadOnlySpan<byte> allowed = isIPv4 ? "0123456789."u8 : "0123456789abcdefABCDEF:."u8;
        return !text.ContainsAnyExcept(allowed)
            && (!isIPv4 || text.Count((byte)'.') == 3)
            && IPAddress.TryParse(Encoding.ASCII.GetString(text), out address)
            && address.AddressFamily == family;
    }

    private static bool TryReadPort(ReadOnlySpan<byte> text, out ushort port)
    {
        port = 0;
        bool plain = text.Length is >= 1 and <= 5 && (text.Length == 1 || text[0] != '0');
        return plain && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
    }
}
