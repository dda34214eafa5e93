using System.Text;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Transport;
using Warren.Transport.InMemory;
using Xunit;

namespace Warren.Protocols.Tests.Transport;

/// <summary>What a session sees of its connection, without sockets.</summary>
public sealed class InMemoryConnectionTests : IDisposable
{
    private readonly TransportFixture _transport = new();
    private readonly ScriptedProtocol _protocol = new();

    public void Dispose() => _transport.Dispose();

    [Fact]
    public void What_the_session_appends_comes_out()
    {
        using InMemoryConnection client = Connect();

        client.Send("hello"u8);

        Assert.Equal("hello"u8, client.Receive());
        Assert.Equal(5, client.Connection.BytesReceived);
        Assert.Equal(5, client.Connection.BytesSent);
    }

    [Fact]
    public void An_idle_connection_holds_no_block()
    {
        using InMemoryConnection client = Connect();

        client.Send(new byte[200_000]);

        Assert.Equal(200_000, client.Receive().Length);
        Assert.Equal(0, _transport.Blocks.RentedBytes);
    }

    [Fact]
    public void Bytes_not_used_are_offered_again_with_what_comes_next()
    {
        _protocol.OnConsume = static (session, unread) => session.Echo(unread[..(unread.Length / 4 * 4)]);
        using InMemoryConnection client = Connect();

        client.Send("abc"u8);
        client.Send("def"u8);
        client.Send("gh"u8);

        Assert.Equal("abcdefgh"u8, client.Receive());
        Assert.Equal([3, 6, 4], _protocol.Sessions[0].Offered);
        Assert.Equal(3, _protocol.Sessions[0].BatchEnds);
    }

    [Fact]
    public void A_frame_larger_than_a_block_is_offered_whole()
    {
        int frame = Connection.DefaultMaxUnread;
        _protocol.OnConsume = (session, unread) => unread.Length < frame ? 0 : session.Echo(unread[..frame]);
        using InMemoryConnection client = Connect();
        byte[] sent = Pattern(3 * frame);

        client.Send(sent);

        Assert.Equal(sent, client.Receive());
        Assert.All(_protocol.Sessions[0].Offered, offered => Assert.InRange(offered, 1, frame));
    }

    [Fact]
    public void A_frame_beyond_the_limit_ends_the_connection()
    {
        _protocol.OnConsume = static (_, _) => 0;
        using InMemoryConnection client = Connect();

        client.Send(new byte[Connection.DefaultMaxUnread - 1]);
        Assert.False(client.IsClosed);
        client.Send(new byte[1]);

        Assert.True(client.IsClosed);
        Assert.IsType<InvalidDataException>(_protocol.Sessions[0].ClosedWith());
        Assert.Equal(0, _transport.Blocks.RentedBytes);
    }

    [Fact]
    public void While_paused_nothing_is_read_and_on_resume_the_rest_is_offered_first()
    {
        _protocol.OnConsume = static (session, unread) =>
        {
            session.Connection.PauseReading();
            return session.Echo(unread[..1]);
        };
        using InMemoryConnection client = Connect();

        client.Send("abc"u8);
        client.Send("def"u8);
        Assert.Equal("a"u8, client.Receive());
        Assert.Equal(3, client.UnreadByServer);

        _protocol.OnConsume = static (session, unread) => session.Echo(unread);
        client.Connection.ResumeReading();
        client.Run();

        Assert.Equal("bcdef"u8, client.Receive());
        Assert.Equal([3, 2, 3], _protocol.Sessions[0].Offered);
    }

    [Fact]
    public void What_is_left_is_offered_again_when_the_resume_comes_before_the_pause_is_noticed()
    {
        _protocol.OnConsume = static (session, unread) =>
        {
            session.Connection.PauseReading();
            session.Connection.ResumeReading();
            return session.Echo(unread[..1]);
        };
        using InMemoryConnection client = Connect();

        client.Send("abc"u8);

        Assert.Equal("abc"u8, client.Receive());
    }

    [Fact]
    public void Resuming_what_is_not_paused_offers_nothing_twice()
    {
        _protocol.OnConsume = static (session, _) =>
        {
            session.Connection.ResumeReading();
            return 0;
        };
        using InMemoryConnection client = Connect();

        client.Send("abc"u8);

        Assert.Equal([3], _protocol.Sessions[0].Offered);
    }

    [Fact]
    public void Pausing_with_a_full_buffer_is_no_error()
    {
        _protocol.OnConsume = static (session, _) =>
        {
            session.Connection.PauseReading();
            return 0;
        };
        using InMemoryConnection client = Connect();

        client.Send(new byte[400_000]);
        client.Connection.ResumeReading();
        client.Run();

        Assert.False(client.IsClosed);
        _protocol.OnConsume = static (session, unread) => session.Echo(unread);
        client.Connection.ResumeReading();
        client.Run();
        Assert.Equal(400_000, client.Receive().Length);
    }

    [Fact]
    public void An_exception_of_the_session_ends_its_connection_after_the_flush_of_others()
    {
        _protocol.OnConsume = static (_, _) => throw new FormatException("bad frame");
        using InMemoryConnection client = Connect();

        client.Send("x"u8);

        ScriptedSession session = _protocol.Sessions[0];
        Assert.True(client.IsClosed);
        Assert.IsType<FormatException>(session.ClosedWith());
        Assert.Equal(1, session.BatchEnds);
        Assert.Equal(1, session.ClosedCalls);
        Assert.Contains(_transport.Faults, fault => fault is FormatException);
    }

    [Fact]
    public void Close_after_flush_sends_what_is_pending_and_consumes_no_more()
    {
        using InMemoryConnection client = Connect();
        client.StopsReading = true;
        client.Send("bye"u8);

        client.Connection.CloseAfterFlush();
        client.Send("ignored"u8);
        Assert.False(client.IsEndOfStream);
        client.StopsReading = false;
        client.ReadHeld();

        Assert.Equal("bye"u8, client.Receive());
        Assert.True(client.IsEndOfStream);
        Assert.False(client.IsClosed);
        client.CloseSending();
        Assert.True(client.IsClosed);
        Assert.Equal([3], _protocol.Sessions[0].Offered);
        Assert.Null(_protocol.Sessions[0].ClosedWith());
        Assert.Equal(0, _transport.Blocks.RentedBytes);
    }

    [Fact]
    public void Closing_does_not_wait_for_ever_for_a_client_that_does_not_read()
    {
        using InMemoryConnection client = Connect();
        client.StopsReading = true;
        client.Send("bye"u8);
        Uptime now = _transport.Clock.Uptime;

        client.Connection.CloseAfterFlush();
        client.Tick(now + 1000);
        Assert.False(client.IsClosed);
        client.Tick(now + 60_000);

        Assert.True(client.IsClosed);
        Assert.IsType<TimeoutException>(_protocol.Sessions[0].ClosedWith());
        Assert.Equal(0, _transport.Blocks.RentedBytes);
    }

    [Fact]
    public void A_client_that_closes_its_sending_half_still_gets_its_answers()
    {
        using InMemoryConnection client = Connect();
        client.StopsReading = true;
        client.Send("question"u8);

        client.CloseSending();
        Assert.Equal(1, _protocol.Sessions[0].ClosedCalls);
        client.StopsReading = false;
        client.ReadHeld();

        Assert.Equal("question"u8, client.Receive());
        Assert.True(client.IsClosed);
        Assert.Null(_protocol.Sessions[0].ClosedWith());
    }

    [Fact]
    public void A_reset_reaches_the_session_once_with_its_reason()
    {
        using InMemoryConnection client = Connect();
        client.Send("x"u8);

        client.Reset();
        client.Reset();

        ScriptedSession session = _protocol.Sessions[0];
        Assert.IsType<System.Net.Sockets.SocketException>(session.ClosedWith());
        Assert.Equal(1, session.ClosedCalls);
        Assert.Equal(0, session.ConsumedAfterClose);
    }

    [Fact]
    public void Abort_drops_what_is_pending_and_tells_the_first_reason()
    {
        using InMemoryConnection client = Connect();
        client.StopsReading = true;
        client.Send("never read"u8);

        client.Connection.Abort(new TimeoutException("heartbeat"));
        client.Connection.Abort(new FormatException("later"));
        client.Run();

        Assert.True(client.IsClosed);
        Assert.IsType<TimeoutException>(_protocol.Sessions[0].ClosedWith());
        Assert.Empty(client.Receive());
        Assert.Equal(0, _transport.Blocks.RentedBytes);
    }

    [Fact]
    public void Abort_wakes_a_paused_connection()
    {
        using InMemoryConnection client = Connect();
        client.Connection.PauseReading();
        client.Send("x"u8);

        client.Connection.Abort(null);
        client.Run();

        Assert.True(client.IsClosed);
        Assert.Null(_protocol.Sessions[0].ClosedWith());
    }

    [Fact]
    public void Drained_comes_once_after_a_full_output_has_emptied()
    {
        using InMemoryConnection client = Connect();
        client.StopsReading = true;
        ScriptedSession session = _protocol.Sessions[0];
        session.Append(new byte[OutputBuffer.DefaultHighWater]);
        session.Connection.Output.Flush();
        lock (session.Connection.Output.Lock)
        {
            Assert.True(session.Connection.Output.IsFull);
        }

        client.ReadHeld();
        Assert.Equal(0, session.DrainedCalls);
        while (client.ReadHeld())
        {
        }

        Assert.Equal(1, session.DrainedCalls);
        Assert.Equal(OutputBuffer.DefaultHighWater, client.Receive().Length);
    }

    [Fact]
    public void A_client_that_reads_nothing_is_given_up_at_the_hard_limit()
    {
        using InMemoryConnection client = Connect(new ListenerOptions { OutputHighWater = 1024, OutputHardLimit = 4096 });
        client.StopsReading = true;

        client.Send(new byte[2000]);
        client.Send(new byte[2000]);
        Assert.False(client.IsClosed);
        client.Send(new byte[2000]);

        Assert.True(client.IsClosed);
        Assert.IsType<IOException>(_protocol.Sessions[0].ClosedWith());
        Assert.Equal(0, _transport.Blocks.RentedBytes);
    }

    [Fact]
    public void A_session_may_greet_and_close_while_it_is_accepted()
    {
        _protocol.OnAccept = static session =>
        {
            session.Append(Encoding.ASCII.GetBytes("go away"));
            session.Connection.CloseAfterFlush();
        };

        using InMemoryConnection client = Connect();

        Assert.Equal("go away"u8, client.Receive());
        Assert.True(client.IsEndOfStream);
        client.CloseSending();
        Assert.True(client.IsClosed);
    }

    [Fact]
    public async Task Bytes_sent_from_another_thread_can_be_awaited()
    {
        using InMemoryConnection client = Connect();
        Task<byte[]> received = client.ReceiveAsync(5, TestContext.Current.CancellationToken);
        ScriptedSession session = _protocol.Sessions[0];

        ThreadPool.UnsafeQueueUserWorkItem(
            static session =>
            {
                session.Append("later"u8);
                session.Connection.Output.Flush();
            },
            session,
            preferLocal: false);

        Assert.Equal("later"u8.ToArray(), await received);
    }

    private static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private InMemoryConnection Connect(ListenerOptions? options = null) => new(_protocol, _transport.Resources, options);
}
