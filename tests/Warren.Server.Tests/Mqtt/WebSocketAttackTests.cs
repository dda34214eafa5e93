using System.Buffers.Binary;
using System.Net.Sockets;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

/// <summary>Frames no WebSocket client sends (RFC 6455, 5).</summary>
public sealed class WebSocketAttackTests : MqttServer
{
    private const byte Final = 0x80;
    private const byte Binary = 2;
    private const byte Ping = 9;
    private const byte Masked = 0x80;

    private static readonly byte[] NoMask = [0, 0, 0, 0];

    [Theory]
    [InlineData("the longest there is", 0x8000_0000_0000_0000UL)]
    [InlineData("more than there is", ulong.MaxValue)]
    [InlineData("as long as a long", (ulong)long.MaxValue)]
    public async Task Length_that_cannot_be_reserves_nothing(string what, ulong length)
    {
        Assert.NotEmpty(what);
        using TcpClient client = await OpenAsync();
        byte[] frame = [Final | Binary, Masked | 127, 0, 0, 0, 0, 0, 0, 0, 0, .. NoMask, 0x10, 0xFF, 0xFF, 0xFF, 0x7F];
        BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), length);

        await client.GetStream().WriteAsync(frame);

        await ReadEndAsync(client); // by its length, or by the packet in it
        await ServesOthersAsync();
    }

    [Fact]
    public async Task Fragmented_control_frame_ends_the_connection()
    {
        using TcpClient client = await OpenAsync();

        await client.GetStream().WriteAsync((byte[])[Ping, Masked, .. NoMask]);

        await ReadEndAsync(client);
        await ServesOthersAsync();
    }

    [Fact]
    public async Task Control_frame_longer_than_125_bytes_ends_the_connection()
    {
        using TcpClient client = await OpenAsync();

        await client.GetStream().WriteAsync((byte[])[Final | Ping, Masked | 126, 1, 0, .. NoMask, .. new byte[256]]);

        await ReadEndAsync(client);
        await ServesOthersAsync();
    }

    [Fact]
    public async Task Million_empty_fragments_take_no_memory_and_hold_up_nobody()
    {
        using TcpClient client = await OpenAsync();
        byte[] empty = [0, Masked, .. NoMask];
        byte[] many = [.. Enumerable.Repeat(empty, 10_000).SelectMany(static f => f)];
        long before = GC.GetTotalMemory(forceFullCollection: true);

        await client.GetStream().WriteAsync((byte[])[Binary, Masked, .. NoMask]);
        for (int i = 0; i < 100; i++)
        {
            await client.GetStream().WriteAsync(many);
        }

        await ServesOthersAsync();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 << 20);
    }

    private static async Task ReadEndAsync(TcpClient client)
    {
        byte[] buffer = new byte[1024];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            while (await client.GetStream().ReadAsync(buffer, patience.Token) > 0)
            {
                // a close frame
            }
        }
        catch (IOException)
        {
            // reset: what was sent had not been read
        }
    }

    private async Task<TcpClient> OpenAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Url.Port);
        await client.GetStream().WriteAsync(
            "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"u8.ToArray());
        string head = "";
        byte[] one = new byte[1];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal) && await client.GetStream().ReadAsync(one) > 0)
        {
            head += (char)one[0];
        }

        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        return client;
    }

    private async Task ServesOthersAsync()
    {
        using MqttClient other = await MqttClient.OpenWebSocketAsync(Url);
        Assert.Equal(0, await other.EnterAsync("other"));
        Assert.Equal(0, await other.SubscribeAsync("a"));
        await other.SendAsync(MqttClient.Publish("a", "x"));
        Assert.Equal("x", (await other.ReadMessageAsync()).Payload);
    }
}
