using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>Hard errors: code, text and method of connection.close; other connections go on.</summary>
public sealed class ConnectionErrorTests : BrokerTest
{
    private const string SilentOnReference = "3.10.8 drops the socket or says nothing";

    private static readonly ErrorCase[] All =
    [
        Case("unknown exchange type", (c, q) => c.Send(1, ExchangeDeclare(q, "x-bogus")),
            503, "COMMAND_INVALID - unknown exchange type 'x-bogus'", 40, 10),
        Case("consumer tag used twice", (c, q) =>
            {
                c.Call(1, QueueDeclare(q, exclusive: true), 11);
                c.Call(1, BasicConsume(q, "zz"), 21);
                c.Send(1, BasicConsume(q, "zz"));
            },
            530, "NOT_ALLOWED - attempt to reuse consumer tag 'zz'", 60, 20),
        Case("immediate publish", (c, _) =>
            {
                c.Send(1, BasicPublish("", "k", immediate: true));
                c.SendHeader(1, 0);
            },
            540, "NOT_IMPLEMENTED - immediate=true", 60, 40),
        Case("prefetch size", (c, _) => c.Send(1, BasicQos(1, size: 10)),
            540, "NOT_IMPLEMENTED - prefetch_size!=0 (10)", 60, 10),
        Case("recover without requeue", (c, _) => c.Send(1, BasicRecover(requeue: false)),
            540, "NOT_IMPLEMENTED - requeue=false", 60, 110),
        Case("flow off", (c, _) => c.Send(1, ChannelFlow(active: false)),
            540, "NOT_IMPLEMENTED - active=false", 20, 20),
        Case("second channel.open", (c, _) => c.Send(1, ChannelOpen()),
            504, "CHANNEL_ERROR - second 'channel.open' seen", 20, 10),
        Case("method on a channel that is not open", (c, _) => c.Send(7, BasicQos(1)),
            504, "CHANNEL_ERROR - expected 'channel.open'", 60, 10),
        Case("method on a channel that was closed", (c, _) =>
            {
                c.Call(1, ChannelClose(), 41);
                c.Send(1, BasicQos(1));
            },
            504, "CHANNEL_ERROR - expected 'channel.open'", 60, 10),
        Case("connection method after open", (c, _) => c.Send(0, ConnectionOpen()),
            504, "CHANNEL_ERROR - unexpected method in connection state running", 10, 40),
        Case("stray channel.close-ok", (c, _) => c.Send(1, ChannelCloseOk()),
            503, "COMMAND_INVALID - unimplemented method", 20, 41),
        Case("bad frame end", (c, _) => c.SendFrame(1, 2, [0, 20, 0, 10, 0], end: 0),
            501, "FRAME_ERROR - type 1, all octets = <<0,20,0,10,0>>: {invalid_frame_end_marker,0}", 0, 0),
        Case("unknown frame type", (c, _) => c.SendFrame(5, 1, []),
            501, "FRAME_ERROR - type 5, all octets = <<>>: unknown_frame", 0, 0),
        Case("frame larger than negotiated", (c, _) => c.Send(1, 0, 1, 0, 3, 13, 64),
            501, "FRAME_ERROR - type 1, all octets = <<>>: {frame_too_large,200000,131064}", 0, 0),
        Case("content header without method", (c, _) => c.SendHeader(1, 0),
            505, "UNEXPECTED_FRAME - expected method frame, got non method frame instead", 0, 0),
        Case("content body without method", (c, _) => c.SendBody(1, "x"u8),
            505, "UNEXPECTED_FRAME - expected method frame, got non method frame instead", 0, 0),
        Case("heartbeat on a channel", (c, _) => c.SendFrame(8, 1, []),
            505, "UNEXPECTED_FRAME - type 8, all octets = <<>>", 0, 0),
        Case("method while a header is due", (c, _) =>
            {
                c.Send(1, BasicPublish("", "k"));
                c.Send(1, BasicQos(1));
            },
            505, "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
            60, 40),
        Case("header of the wrong class", (c, _) =>
            {
                c.Send(1, BasicPublish("", "k"));
                c.SendHeader(1, 0, classId: 50);
            },
            505, "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead", 60, 40),
        Case("method while a body is due", (c, _) =>
            {
                c.Send(1, BasicPublish("", "k"));
                c.SendHeader(1, 10);
                c.SendBody(1, "four"u8);
                c.Send(1, BasicQos(1));
            },
            505, "UNEXPECTED_FRAME - expected content body, got non content body frame instead", 60, 40),
        Case("more body than announced", (c, _) =>
            {
                c.Send(1, BasicPublish("", "k"));
                c.SendHeader(1, 2);
                c.SendBody(1, "four"u8);
            },
            501, "FRAME_ERROR - content body frame exceeds remaining content size", 60, 40)
            with { NotOnReference = SilentOnReference },
        Case("undecodable arguments", (c, _) => c.SendFrame(1, 1, [0, 50, 0, 10, 0, 0, 255]),
            501, "FRAME_ERROR - cannot decode <<0,0,255>>", 50, 10),
    ];

    public ConnectionErrorTests(SharedBroker broker)
        : base(broker)
    {
    }

    /// <summary>The names of the cases.</summary>
    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Error_closes_only_its_connection(string name)
    {
        ErrorCase error = All.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal));
        Assert.SkipWhen(Broker.IsReference && error.NotOnReference is not null, error.NotOnReference ?? "");
        string queue = Unique("q");
        RawClient client = OpenRaw();

        error.Do(client, queue);
        RawClose close = client.ExpectConnectionClose();

        Assert.Equal(
            new RawClose(error.Code, error.ExpectedText(Broker.IsReference, queue), error.ClassId, error.MethodId),
            close);
        await OthersGoOnAsync();
    }

    [Theory]
    [InlineData(99, 10, 503)]
    [InlineData(50, 99, 503)]
    [InlineData(10, 99, 503)]
    public async Task Unknown_method_is_answered(int classId, int methodId, int code)
    {
        RawClient client = OpenRaw();

        client.SendFrame(1, (ushort)(classId == 10 ? 0 : 1), new RawWriter().U16(classId).U16(methodId).ToArray());

        if (Broker.IsReference)
        {
            client.ExpectSocketClosed();
        }
        else
        {
            Assert.Equal(code, client.ExpectConnectionClose().Code);
        }

        await OthersGoOnAsync();
    }

    [Theory]
    [InlineData('?')]
    [InlineData('Z')]
    [InlineData('\0')]
    public async Task Unknown_table_field_type_is_answered(char type)
    {
        RawClient client = OpenRaw();

        client.Send(1, QueueDeclare("t", arguments: [("x", new RawValue(type, [0, 0, 0, 0]))]));

        if (Broker.IsReference)
        {
            client.ExpectSocketClosed();
        }
        else
        {
            Assert.Equal(502, client.ExpectConnectionClose().Code);
        }

        await OthersGoOnAsync();
    }

    [Fact]
    public async Task Frames_after_a_connection_error_are_dropped()
    {
        string queue = Unique("q");
        RawClient client = OpenRaw();

        client.Send([
            .. RawClient.MethodFrame(1, BasicQos(1, size: 10)),
            .. RawClient.MethodFrame(1, QueueDeclare(queue, autoDelete: true)),
        ]);
        Assert.Equal(540, client.ExpectConnectionClose().Code);

        RawClient other = OpenRaw();
        other.Send(1, QueueDeclare(queue, passive: true));
        Assert.Equal(404, other.ExpectChannelClose(1).Code);
        await OthersGoOnAsync();
    }

    [Fact]
    public void Socket_is_closed_when_the_client_never_answers_the_close()
    {
        RawClient client = OpenRaw();
        client.ReadTimeoutMs = 60_000;

        client.Send(1, BasicQos(1, size: 10));
        client.Expect(0, 10, 50);

        // RabbitMQ waits 30 s for close-ok; what counts is that it ends.
        if (!Broker.IsReference)
        {
            client.ExpectSocketClosed();
        }
    }

    private static ErrorCase Case(
        string name, Action<RawClient, string> act, int code, string text, int classId, int methodId) =>
        new(name, act, code, text, classId, methodId);
}
