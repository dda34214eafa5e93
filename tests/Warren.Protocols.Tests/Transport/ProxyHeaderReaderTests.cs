using System.Buffers.Binary;
using System.Net;
using System.Text;
using Warren.Transport.Proxy;
using Xunit;

namespace Warren.Protocols.Tests.Transport;

public sealed class ProxyHeaderReaderTests
{
    private static readonly byte[] Signature = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10];

    public static TheoryData<byte[], string?> Good => new()
    {
        { Line("PROXY TCP4 192.0.2.1 198.51.100.2 56324 5672"), "192.0.2.1:56324" },
        { Line("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535"), "255.255.255.255:65535" },
        { Line("PROXY TCP6 2001:db8::1 2001:db8::2 1 5671"), "[2001:db8::1]:1" },
        { Line("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535"),
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
        { Line("PROXY UNKNOWN"), null },
        { Line("PROXY UNKNOWN whatever the proxy likes to say"), null },
        { Binary(0x21, 0x11, [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 4, 0x16, 0x28]), "192.0.2.1:56324" },
        { Binary(0x21, 0x11, [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 4, 0x16, 0x28, 4, 0, 1, 0]), "192.0.2.1:56324" },
        { Binary(0x21, 0x21, [.. Enumerable.Repeat((byte)0x20, 32), 0, 1, 0, 2]), "[2020:2020:2020:2020:2020:2020:2020:2020]:1" },
        { Binary(0x20, 0, []), null },
        { Binary(0x20, 0x11, [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 4, 0x16, 0x28]), null },
        { Binary(0x21, 0, new byte[7]), null },
        { Binary(0x21, 0x31, new byte[216]), null },
        { Binary(0x21, 0x11, new byte[4096]), "0.0.0.0:0" },
    };

    public static TheoryData<byte[]> Bad => new(
        Text("AMQP\0\0\u0009\u0001"),
        Text("PROXZ"),
        Text("proxy TCP4"),
        Text("GET / HTTP/1.1\r\n"),
        Line("PROXY TCP4"),
        Line("PROXY TCP5 192.0.2.1 198.51.100.2 56324 5672"),
        Line("PROXY TCP4 192.0.2.1 198.51.100.2 56324"),
        Line("PROXY TCP4 192.0.2.1 198.51.100.2 56324 5672 7"),
        Line("PROXY TCP4 192.0.2.1 198.51.100.2 56324 5672 "),
        Line("PROXY TCP4  192.0.2.1 198.51.100.2 56324 5672"),
        Line("PROXY TCP4 192.0.2.1 198.51.100.2 56324 65536"),
        Line("PROXY TCP4 192.0.2.1 198.51.100.2 -1 5672"),
        Line("PROXY TCP4 192.0.2.1 198.51.100.2 056 5672"),
        Line("PROXY TCP4 127.1 198.51.100.2 56324 5672"),
        Line("PROXY TCP4 0x7f.0.0.1 198.51.100.2 56324 5672"),
        Line("PROXY TCP4 2001:db8::1 2001:db8::2 56324 5672"),
        Line("PROXY TCP6 192.0.2.1 198.51.100.2 56324 5672"),
        Line("PROXY TCP6 fe80::1%1 2001:db8::2 56324 5672"),
        Line("PROXY TCP6 [::1] ::1 56324 5672"),
        Line("PROXY UNKNOWNS"),
        Text("PROXY " + new string('x', 101)),
        Text("PROXY UNKNOWN " + new string('x', 92) + "\r\n"),
        Binary(0x11, 0x11, new byte[12]),
        Binary(0x22, 0x11, new byte[12]),
        Binary(0x21, 0x11, new byte[11]),
        Binary(0x21, 0x21, new byte[35]),
        Binary(0x21, 0x12, new byte[12]),
        Binary(0x21, 0x41, new byte[12]),
        Binary(0x21, 0x11, new byte[4097])[..16]);

    [Theory]
    [MemberData(nameof(Good))]
    public void Header_is_read_and_what_follows_is_left(byte[] bytes, string? source)
    {
        ProxyHeaderStatus status = ProxyHeaderReader.Read([.. bytes, .. "AMQP\0\0\u0009\u0001"u8], out ProxyHeader header, out int size);

        Assert.Equal(ProxyHeaderStatus.Complete, status);
        Assert.Equal(bytes.Length, size);
        Assert.Equal(source, header.Source?.ToString());
        Assert.Equal(source is null, header.Destination is null);
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void Every_proper_prefix_asks_for_more_bytes(byte[] bytes, string? source)
    {
        Assert.NotEqual("", source);
        for (int length = 0; length < bytes.Length; length++)
        {
            ProxyHeaderStatus status = ProxyHeaderReader.Read(bytes.AsSpan(0, length), out ProxyHeader header, out int size);

            Assert.Equal((ProxyHeaderStatus.Incomplete, 0), (status, size));
            Assert.Equal(default, header);
        }
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Anything_else_is_malformed(byte[] bytes)
    {
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeaderReader.Read(bytes, out ProxyHeader header, out int size));
        Assert.Equal(0, size);
        Assert.Equal(default, header);
    }

    [Fact]
    public void Both_ends_are_told()
    {
        ProxyHeaderReader.Read(Line("PROXY TCP4 192.0.2.1 198.51.100.2 56324 5672"), out ProxyHeader text, out _);
        ProxyHeaderReader.Read(
            Binary(0x21, 0x11, [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 4, 0x16, 0x28]), out ProxyHeader binary, out _);

        Assert.Equal(new ProxyHeader(IPEndPoint.Parse("192.0.2.1:56324"), IPEndPoint.Parse("198.51.100.2:5672")), text);
        Assert.Equal(text, binary);
    }

    [Fact]
    public void Random_changes_of_a_header_never_fail_otherwise_and_never_ask_for_more_than_the_limit()
    {
        var random = new Random(17);
        byte[][] seeds = [.. Good.Select(row => row.Data.Item1), .. Bad.Select(row => row.Data)];
        for (int round = 0; round < 200_000; round++)
        {
            byte[] bytes = [.. seeds[random.Next(seeds.Length)]];
            for (int change = random.Next(4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            int length = random.Next(bytes.Length + 1);
            ProxyHeaderStatus status = ProxyHeaderReader.Read(bytes.AsSpan(0, length), out _, out int size);

            Assert.Equal(status == ProxyHeaderStatus.Complete, size > 0);
            Assert.InRange(size, 0, length);
            Assert.False(status == ProxyHeaderStatus.Incomplete && length >= ProxyHeaderReader.MaxSize);
        }
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Line(string text) => Text(text + "\r\n");

    private static byte[] Binary(byte command, byte family, byte[] rest)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)rest.Length);
        return [.. Signature, command, family, .. length, .. rest];
    }
}
