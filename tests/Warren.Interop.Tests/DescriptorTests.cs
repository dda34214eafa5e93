using System.Net.Sockets;
using RabbitMQ.Client;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>A broker that may have few file descriptors and more clients than that.</summary>
public sealed class DescriptorTests : BrokerTest
{
    public DescriptorTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_many_clients_are_turned_away_and_all_else_goes_on(bool overHttp)
    {
        Assert.SkipWhen(Broker.Process is null || OperatingSystem.IsWindows(), "needs a process of its own with a limit of descriptors");
        await using ServerProgram server = new();
        string data = server["data"];
        int http = BrokerProcess.FreePort();
        await server.StartAsync("/bin/sh", ["-c", $"ulimit -n 320; exec {BrokerProcess.FindExecutable()} server --data-dir {data} "
            + $"--set listeners.tcp.1=127.0.0.1:{server.Port} --set management.tcp.ip=127.0.0.1 --set management.tcp.port={http} "
            + "--set prometheus.tcp.port=none --set handshake_timeout=120000"]);
        IConnection connection = await ConnectAsync(f => f.Port = server.Port);
        IChannel channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
        var clients = new List<Socket>();
        try
        {
            while (await (overHttp ? TryEnterAsync(http, "GET /api/overview HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray())
                : TryEnterAsync(server.Port, "AMQP\0\0\u0009\u0001"u8.ToArray())) is { } client)
            {
                clients.Add(client);
                Assert.True(clients.Count < 320, "nobody is turned away");
            }

            await EventuallyAsync(async () => (await Ctl.TryInAsync(data, "check_alarms")).ExitCode == 69, "the alarm");
            Assert.Contains("File descriptor limit alarm", (await Ctl.TryInAsync(data, "status")).Output, StringComparison.Ordinal);
            await server.WaitForLineAsync("file descriptors are short");
            await channel.BasicPublishAsync("", "q", mandatory: true, new BasicProperties { Persistent = true }, Text.Bytes("confirmed"));
            Assert.Equal("confirmed", (await GetAsync(channel, "q")).Body);
        }
        finally
        {
            clients.ForEach(static c => c.Dispose());
        }

        await EventuallyAsync(async () => (await Ctl.TryInAsync(data, "check_alarms")).ExitCode == 0, "the end of the alarm");
        await server.WaitForLineAsync("there are file descriptors again");
        Assert.True((await ConnectAsync(f => f.Port = server.Port)).IsOpen);
    }

    // Null: it was closed at once.
    private static async Task<Socket?> TryEnterAsync(int port, byte[] greeting)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            await socket.SendAsync(greeting);
            if (await socket.ReceiveAsync(new byte[16]) > 0)
            {
                return socket;
            }
        }
        catch (SocketException)
        {
            // reset is closed too
        }

        socket.Dispose();
        return null;
    }
}
