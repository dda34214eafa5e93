using Xunit;

namespace Warren.Buffers.Tests;

/// <summary>Order, marks, and who gives what back.</summary>
public sealed class OutputBufferTests : IDisposable
{
    private readonly BlockPool _blocks = new();
    private readonly SlabPool _slabs = new();
    private readonly RecordingSink _sink = new();
    private readonly OutputBuffer _output;

    public OutputBufferTests() => _output = Make();

    public void Dispose()
    {
        _slabs.Dispose();
        Assert.Equal(0, _slabs.RentedBytes);
        Assert.Equal(0, _blocks.RentedBytes);
    }

    [Fact]
    public void Nothing_is_sent_before_the_flush_and_nothing_is_held_after_it()
    {
        Append("hello"u8);
        Assert.Empty(_sink.Sent);
        Assert.Equal(5, _output.PendingBytes);

        _output.Flush();
        _output.Flush();

        Assert.Equal("hello"u8.ToArray(), _sink.Sent);
        Assert.Equal((0, 5, 1), (_output.PendingBytes, _output.SentBytes, _sink.Sends));
        Assert.Equal(0, _blocks.RentedBytes);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1000)]
    [InlineData(70_001)]
    public void Copies_spans_and_shared_bytes_leave_in_the_order_they_came(int takesAtMost)
    {
        _sink.TakesAtMost = takesAtMost;
        var random = new Random(5);
        var expected = new List<byte>();
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = new byte[random.Next(1, i % 50 == 0 ? 200_000 : 5000)];
            random.NextBytes(bytes);
            expected.AddRange(bytes);
            AppendSomehow(bytes, i % 3);
            if (i % 7 == 0)
            {
                _output.Flush();
                _sink.RunScheduled();
            }
        }

        _output.Flush();
        _sink.RunScheduled();

        Assert.Equal(expected, _sink.Sent);
        Assert.Equal(0, _output.PendingBytes);
    }

    [Fact]
    public void What_is_appended_during_a_send_follows_it()
    {
        _sink.Holds = true;
        Append("one "u8);
        _output.Flush();
        Append("two "u8);
        _output.Flush();
        Assert.Equal(1, _sink.Sends);

        _sink.Holds = false;
        _sink.Release();

        Assert.Equal("one two "u8.ToArray(), _sink.Sent);
        Assert.Equal(2, _sink.Sends);
    }

    [Fact]
    public void Many_small_pieces_share_a_block()
    {
        for (int i = 0; i < 1000; i++)
        {
            Append("0123456789"u8);
        }

        Assert.Equal(BlockPool.SmallSize, _blocks.RentedBytes);
        _output.Flush();
    }

    [Fact]
    public void Frames_around_shared_bodies_share_a_block_too()
    {
        Payload body = _slabs.Allocate(10_000);
        for (int i = 0; i < 50; i++)
        {
            Append("header"u8);
            AppendShared(body);
        }

        Assert.Equal(BlockPool.SmallSize, _blocks.RentedBytes);
        body.Release();
        _output.Flush();
        Assert.Equal(50 * 10_006, _sink.Sent.Length);
    }

    [Fact]
    public void Full_at_the_high_water_mark_drained_once_below_a_quarter_of_it()
    {
        _sink.Holds = true;
        _sink.TakesAtMost = 100_000;
        Append(new byte[OutputBuffer.DefaultHighWater - 1]);
        Assert.False(IsFull());
        Append(new byte[1]);
        Assert.True(IsFull());
        _output.Flush();

        while (_sink.IsHolding)
        {
            Assert.Equal(_output.PendingBytes < OutputBuffer.DefaultHighWater / 4 ? 1 : 0, _sink.Drained);
            _sink.Release();
        }

        Assert.Equal(1, _sink.Drained);
        Assert.False(IsFull());
    }

    [Fact]
    public void Nobody_who_did_not_see_it_full_is_told_of_the_drain()
    {
        Append(new byte[2 * OutputBuffer.DefaultHighWater]);
        _output.Flush();

        Assert.Equal(0, _sink.Drained);
    }

    [Fact]
    public void A_shared_payload_is_released_when_it_is_sent()
    {
        Payload body = _slabs.Allocate(100_000);
        AppendShared(body);
        body.Release();
        Assert.NotEqual(0, _slabs.RentedBytes);

        _output.Flush();

        Assert.Equal(0, _slabs.RentedBytes);
    }

    [Fact]
    public void Closing_drops_what_is_pending_and_releases_it()
    {
        Payload body = _slabs.Allocate(100_000);
        Append("x"u8);
        AppendShared(body);
        body.Release();

        _output.Close();

        Assert.Equal((0, 0), (_slabs.RentedBytes, _blocks.RentedBytes));
        Assert.True(_output.IsClosed);
        Assert.True(IsFull());
        _output.Flush();
        Assert.Equal(0, _sink.Sends);
    }

    [Fact]
    public void Closing_during_a_send_keeps_its_bytes_until_it_has_ended()
    {
        _sink.Holds = true;
        Payload body = _slabs.Allocate(100_000);
        AppendShared(body);
        body.Release();
        _output.Flush();

        _output.Close();
        Assert.NotEqual(0, _slabs.RentedBytes);
        _sink.Release(new IOException("gone"));

        Assert.Equal(0, _slabs.RentedBytes);
    }

    [Fact]
    public void What_is_appended_to_a_closed_output_is_dropped()
    {
        _output.Close();
        Payload body = _slabs.Allocate(20_000);

        Append(new byte[200_000]);
        AppendShared(body);
        lock (_output.Lock)
        {
            _output.GetSpan(OutputBuffer.MaxSpan).Fill(1);
            _output.Advance(OutputBuffer.MaxSpan);
        }

        body.Release();
        Assert.Equal(0, _output.PendingBytes);
    }

    [Fact]
    public void Completing_sends_the_rest_and_tells_once()
    {
        _sink.Holds = true;
        Append("bye"u8);
        _output.Flush();

        _output.Complete();
        Append("too late"u8);
        Assert.Equal(0, _sink.Flushed);
        _sink.Release();
        _output.Flush();
        _output.Complete();

        Assert.Equal("bye"u8.ToArray(), _sink.Sent);
        Assert.Equal(1, _sink.Flushed);
    }

    [Fact]
    public void Completing_an_empty_output_tells_at_once()
    {
        _output.Complete();

        Assert.Equal(1, _sink.Flushed);
    }

    [Fact]
    public void A_failed_send_closes_the_output_and_releases_everything()
    {
        _sink.FailsWith = new IOException("reset");
        Payload body = _slabs.Allocate(100_000);
        AppendShared(body);
        body.Release();

        _output.Flush();

        Assert.Equal([_sink.FailsWith], _sink.Failures);
        Assert.True(_output.IsClosed);
    }

    [Fact]
    public void Beyond_the_hard_limit_the_connection_is_given_up_at_the_next_flush()
    {
        OutputBuffer output = Make(highWater: 1000, hardLimit: 5000);
        lock (output.Lock)
        {
            output.Append(new byte[5000]);
            Assert.False(output.IsClosed);
            output.Append(new byte[1]);
            Assert.True(output.IsClosed);
            output.Append(new byte[1000]);
        }

        Assert.Empty(_sink.Failures);
        output.Flush();
        output.Flush();

        Assert.IsType<IOException>(Assert.Single(_sink.Failures));
        Assert.Equal(0, _sink.Sends);
    }

    [Fact]
    public void The_largest_message_may_wait_beside_the_hard_limit_whatever_its_size()
    {
        Payload body = _slabs.Allocate(10_000_000);
        OutputBuffer output = Make(highWater: 1000, hardLimit: 5000);
        lock (output.Lock)
        {
            AppendInFrames(output, body);
            output.Append(new byte[4000]);
            Assert.False(output.IsClosed);
            output.Append(new byte[1000]);
            Assert.True(output.IsClosed);
        }

        body.Release();
    }

    [Fact]
    public void A_second_large_message_and_the_same_one_again_count_towards_the_hard_limit()
    {
        Payload body = _slabs.Allocate(10_000_000);
        Payload other = _slabs.Allocate(9_000_000);
        foreach (Payload second in (Payload[])[body, other])
        {
            OutputBuffer output = Make(highWater: 1000, hardLimit: 8_000_000);
            lock (output.Lock)
            {
                AppendInFrames(output, body);
                Assert.False(output.IsClosed);
                AppendInFrames(output, second);
                Assert.True(output.IsClosed);
            }
        }

        body.Release();
        other.Release();
    }

    [Fact]
    public void A_large_message_that_was_sent_makes_no_room_for_what_follows()
    {
        Payload body = _slabs.Allocate(10_000_000);
        OutputBuffer output = Make(highWater: 1000, hardLimit: 5000);
        lock (output.Lock)
        {
            AppendInFrames(output, body);
        }

        body.Release();
        output.Flush();
        _sink.RunScheduled();
        lock (output.Lock)
        {
            output.Append(new byte[5001]);
            Assert.True(output.IsClosed);
        }
    }

    [Fact]
    public void One_thread_does_not_send_for_others_without_end()
    {
        _sink.TakesAtMost = 10;
        Append(new byte[10_000]);

        _output.Flush();
        Assert.Single(_sink.Scheduled);
        Assert.InRange(_sink.Sends, 1, 100);
        _sink.RunScheduled();

        Assert.Equal(10_000, _sink.Sent.Length);
    }

    [Fact]
    public void A_trimmed_output_goes_on()
    {
        Append("one "u8);
        _output.Flush();
        _output.Trim();
        _output.Trim();

        Append("two"u8);
        _output.Trim();
        _output.Flush();

        Assert.Equal("one two"u8.ToArray(), _sink.Sent);
    }

    [Fact]
    public void Appending_and_sending_allocates_nothing_in_steady_state()
    {
        var sink = new CountingSink();
        var output = new OutputBuffer(sink, _blocks);
        Payload body = _slabs.Allocate(9000);
        SendBatch(output, body);

        // A collection that another test causes shows as a few KiB in one round; what sending allocates shows in all.
        long least = Enumerable.Range(0, 5).Min(_ => AllocatedBy(() => SendBatch(output, body)));

        body.Release();
        Assert.Equal(0, least);
    }

    [Fact]
    public void Threads_that_append_and_flush_at_once_lose_and_mix_nothing()
    {
        Parallel.For(0, 8, worker =>
        {
            byte[] record = [.. Enumerable.Repeat((byte)worker, 100)];
            for (int i = 0; i < 2000; i++)
            {
                Append(record);
                _output.Flush();
            }
        });

        while (_sink.Scheduled.Count > 0)
        {
            _sink.RunScheduled();
        }

        byte[] sent = _sink.Sent;
        Assert.Equal(8 * 2000 * 100, sent.Length);
        Assert.All(sent.Chunk(100), chunk => Assert.Equal(-1, chunk.AsSpan().IndexOfAnyExcept(chunk[0])));
    }

    private static long AllocatedBy(Action batch)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            batch();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void SendBatch(OutputBuffer output, Payload body)
    {
        lock (output.Lock)
        {
            for (int i = 0; i < 10; i++)
            {
                output.Append("header"u8);
                output.AppendShared(body);
            }
        }

        output.Flush();
    }

    private static void AppendInFrames(OutputBuffer output, Payload body)
    {
        for (int at = 0; at < body.Length; at += 100_000)
        {
            output.Append("h"u8);
            output.AppendShared(body.Slice(at, 100_000));
        }
    }

    private OutputBuffer Make(int highWater = OutputBuffer.DefaultHighWater, long hardLimit = OutputBuffer.DefaultHardLimit)
    {
        var output = new OutputBuffer(_sink, _blocks, highWater, hardLimit);
        _sink.Output = output;
        return output;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_output.Lock)
        {
            _output.Append(bytes);
        }
    }

    private void AppendShared(Payload payload)
    {
        lock (_output.Lock)
        {
            _output.AppendShared(payload);
        }
    }

    private void AppendSomehow(byte[] bytes, int how)
    {
        if (how == 0)
        {
            Append(bytes);
        }
        else if (how == 1)
        {
            Payload payload = _slabs.CopyFrom(bytes);
            AppendShared(payload);
            payload.Release();
        }
        else
        {
            foreach (byte[] chunk in bytes.Chunk(OutputBuffer.MaxSpan))
            {
                lock (_output.Lock)
                {
                    chunk.CopyTo(_output.GetSpan(chunk.Length));
                    _output.Advance(chunk.Length);
                }
            }
        }
    }

    private bool IsFull()
    {
        lock (_output.Lock)
        {
            return _output.IsFull;
        }
    }

    private sealed class CountingSink : IOutputSink
    {
        public int Send(List<ArraySegment<byte>> segments)
        {
            int sent = 0;
            foreach (ArraySegment<byte> segment in segments)
            {
                sent += segment.Count;
            }

            return sent;
        }

        public void Schedule(IThreadPoolWorkItem item) => Assert.Fail("not that much");

        public void OnDrained() => Assert.Fail("never full");

        public void OnFlushed() => Assert.Fail("never completed");

        public void OnFailed(Exception error) => Assert.Fail(error.Message);
    }
}
