using Warren.Interop.Tests.Raw;

namespace Warren.FaultTests.Clients;

/// <summary>A client of AMQP that asks one thing after the other and says what it was told.</summary>
/// <remarks>Not thread-safe. Channel 1 confirms, channel 2 is transactional, channel 3 consumes.</remarks>
internal sealed class AmqpClient : IDisposable
{
    private const int FrameMax = 131_072;
    private const ushort DeliveryMode = 0x1000; // flags of properties
    private const ushort Expiration = 0x0100;

    private readonly RawClient _raw;
    private ulong _published; // on channel 1 since it was opened

    private AmqpClient(RawClient raw) => _raw = raw;

    /// <summary>False once the connection has ended.</summary>
    internal bool IsOpen { get; private set; } = true;

    /// <summary>Connects; null when nobody lets it in.</summary>
    internal static AmqpClient? Connect(int port, string virtualHost = "/")
    {
        AmqpClient? client = null;
        try
        {
            var raw = RawClient.Connect("127.0.0.1", port);
            raw.ReadTimeoutMs = (int)FaultServer.Patience.TotalMilliseconds;
            client = new AmqpClient(raw);
            raw.Authenticate();
            raw.Send(0, RawMethod.ConnectionTuneOk(2047, FrameMax, 0));
            raw.Send(0, RawMethod.ConnectionOpen(virtualHost));
            if (!raw.ReadNoHeartbeat().Is(10, 41))
            {
                client.Dispose();
                return null;
            }

            if (client.Call(1, RawMethod.ChannelOpen(), 11) != Answer.Yes
                || client.Call(1, RawMethod.ConfirmSelect(), 11) != Answer.Yes)
            {
                client.Dispose();
                return null;
            }

            return client;
        }
        catch (TimeoutException silent)
        {
            client?.Dispose();
            throw new SilenceException("connect", silent);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            client?.Dispose();
            return null;
        }
    }

    /// <summary>Asks on channel 1.</summary>
    internal Answer Call(RawMethod method, ushort replyId) => Call(1, method, replyId);

    /// <summary>Asks; a channel that was closed for it is opened again.</summary>
    internal Answer Call(ushort channel, RawMethod method, ushort replyId) => Guarded($"method {method.ClassId}.{method.MethodId}", () =>
    {
        _raw.Send(channel, method);
        while (true)
        {
            RawFrame frame = _raw.ReadNoHeartbeat();
            if (frame.Is(method.ClassId, replyId) && frame.Channel == channel)
            {
                return Answer.Yes;
            }

            if (EndsWith(frame, channel))
            {
                return Answer.No;
            }
        }
    });

    /// <summary>Messages ready in a queue; null when it is not there or the connection ended.</summary>
    internal long? Count(string queue)
    {
        long? count = null;
        Guarded($"count {queue}", () =>
        {
            _raw.Send(1, RawMethod.QueueDeclare(queue, passive: true));
            RawFrame frame = _raw.ReadNoHeartbeat();
            if (!frame.Is(50, 11))
            {
                EndsWith(frame, 1);
                return Answer.No;
            }

            RawReader reply = frame.Arguments();
            reply.ShortString();
            count = reply.U32();
            return Answer.Yes;
        });
        return count;
    }

    /// <summary>Publishes all, then waits until each is settled or the connection has ended.</summary>
    /// <returns>For each what it was told; <see cref="Answer.No"/> for what was returned as well.</returns>
    internal Answer[] Publish(IReadOnlyList<Outgoing> messages)
    {
        var answers = new Answer[messages.Count];
        Array.Fill(answers, Answer.Lost);
        Guarded($"{messages.Count} publishes", () =>
        {
            ulong before = _published;
            var returned = new Queue<string>();
            foreach (Outgoing message in messages)
            {
                Send(1, message);
                _published++;
            }

            int open = messages.Count;
            var isSettled = new bool[messages.Count];
            while (open > 0)
            {
                RawFrame frame = _raw.ReadNoHeartbeat();
                if (frame.Is(60, 50))
                {
                    RawReader back = frame.Arguments();
                    back.U16();
                    back.ShortString();
                    back.ShortString();
                    returned.Enqueue(back.ShortString());
                    byte[] body = _raw.ReadContent(1).Body;
                    int index = messages.ToList().FindIndex(m => m.Body.AsSpan().SequenceEqual(body));
                    answers[index] = Answer.No;
                }
                else if (frame.Is(60, 80) || frame.Is(60, 120))
                {
                    RawReader settled = frame.Arguments();
                    int last = (int)(settled.U64() - before) - 1;
                    bool isMultiple = (settled.U8() & 1) != 0;
                    for (int i = isMultiple ? 0 : last; i <= last; i++)
                    {
                        if (!isSettled[i])
                        {
                            isSettled[i] = true;
                            open--;
                            answers[i] = frame.Is(60, 80) && answers[i] == Answer.Lost ? Answer.Yes : Answer.No;
                        }
                    }
                }
                else if (EndsWith(frame, 1))
                {
                    return Answer.No;
                }
            }

            return Answer.Yes;
        });
        return answers;
    }

    /// <summary>basic.get.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="noAck">Taken at once, or held until it is settled.</param>
    /// <param name="channel">The channel.</param>
    /// <returns>Null when there was nothing, or the answer was no or missing.</returns>
    internal Incoming? Get(string queue, bool noAck = false, ushort channel = 1)
    {
        Incoming? got = null;
        Guarded($"get from {queue}", () =>
        {
            _raw.Send(channel, RawMethod.BasicGet(queue, noAck));
            RawFrame frame = _raw.ReadNoHeartbeat();
            if (frame.Is(60, 71))
            {
                RawReader head = frame.Arguments();
                ulong tag = head.U64();
                bool isAgain = (head.U8() & 1) != 0;
                got = new Incoming(tag, _raw.ReadContent(channel).Body, isAgain);
                return Answer.Yes;
            }

            EndsWith(frame, channel);
            return Answer.No;
        });
        return got;
    }

    /// <summary>Consumes on a channel of its own until so many have come, and hands them to the caller, who settles them.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="count">How many there are at least.</param>
    /// <param name="settle">The settlements; sent on the same channel, which is then closed.</param>
    internal Answer Consume(string queue, int count, Func<IReadOnlyList<Incoming>, IEnumerable<RawMethod>> settle)
    {
        if (Call(3, RawMethod.ChannelOpen(), 11) != Answer.Yes || Call(3, RawMethod.BasicQos(count), 11) != Answer.Yes
            || Call(3, RawMethod.BasicConsume(queue, "c"), 21) != Answer.Yes)
        {
            return Answer.No;
        }

        Answer answer = Guarded($"{count} deliveries from {queue}", () =>
        {
            var got = new List<Incoming>();
            while (got.Count < count)
            {
                RawFrame frame = _raw.ReadNoHeartbeat();
                if (frame.Is(60, 60))
                {
                    RawReader head = frame.Arguments();
                    head.ShortString();
                    ulong tag = head.U64();
                    bool isAgain = (head.U8() & 1) != 0;
                    got.Add(new Incoming(tag, _raw.ReadContent(3).Body, isAgain));
                }
                else if (EndsWith(frame, 3))
                {
                    return Answer.No;
                }
            }

            foreach (RawMethod method in settle(got))
            {
                _raw.Send(3, method);
            }

            return Answer.Yes;
        });
        return IsOpen ? Call(3, RawMethod.ChannelClose(), 41) : answer;
    }

    /// <summary>Sends what a transaction consists of and ends it.</summary>
    internal Answer Transact(IEnumerable<Outgoing> publishes, IEnumerable<string> takenFrom, Action<Incoming> taken, bool commits)
    {
        if (Call(2, RawMethod.ChannelOpen(), 11) != Answer.Yes || Call(2, RawMethod.TxSelect(), 11) != Answer.Yes)
        {
            return Answer.No;
        }

        foreach (string queue in takenFrom)
        {
            if (Get(queue, channel: 2) is { } got)
            {
                taken(got);
                Guarded("ack", () =>
                {
                    _raw.Send(2, RawMethod.BasicAck(got.Tag));
                    return Answer.Yes;
                });
            }
        }

        Answer sent = Guarded("publishes of a transaction", () =>
        {
            foreach (Outgoing message in publishes)
            {
                Send(2, message);
            }

            return Answer.Yes;
        });
        if (sent != Answer.Yes)
        {
            return sent;
        }

        Answer answer = commits ? Call(2, RawMethod.TxCommit(), 21) : Call(2, RawMethod.TxRollback(), 31);
        if (IsOpen)
        {
            Call(2, RawMethod.ChannelClose(), 41);
        }

        return answer;
    }

    /// <summary>Acknowledges on channel 1.</summary>
    internal void Acknowledge(Incoming message) => Guarded("ack", () =>
    {
        _raw.Send(1, RawMethod.BasicAck(message.Tag));
        return Answer.Yes;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        IsOpen = false;
        _raw.Dispose();
    }

    private void Send(ushort channel, Outgoing message)
    {
        _raw.Send(channel, RawMethod.BasicPublish(message.Exchange, message.Key, mandatory: channel == 1));
        RawWriter properties = new RawWriter().U8(message.IsPersistent ? (byte)2 : (byte)1);
        if (message.Expiration is { } expiration)
        {
            properties.ShortString(expiration);
        }

        ushort flags = message.Expiration is null ? DeliveryMode : (ushort)(DeliveryMode | Expiration);
        _raw.SendHeader(channel, (ulong)message.Body.Length, 60, flags, properties.ToArray());
        for (int at = 0; at < message.Body.Length; at += FrameMax - 8)
        {
            _raw.SendBody(channel, message.Body.AsSpan(at, Math.Min(FrameMax - 8, message.Body.Length - at)));
        }
    }

    // A close of the channel or the connection: answered, and the channel opened again.
    private bool EndsWith(RawFrame frame, ushort channel)
    {
        if (frame.Is(10, 50))
        {
            _raw.Send(0, RawMethod.ConnectionCloseOk());
            IsOpen = false;
            return true;
        }

        if (!frame.Is(20, 40) || frame.Channel != channel)
        {
            return false;
        }

        _raw.Send(channel, RawMethod.ChannelCloseOk());
        if (channel == 1)
        {
            _published = 0;
            _raw.Send(1, RawMethod.ChannelOpen());
            _raw.Expect(1, 20, 11);
            _raw.Send(1, RawMethod.ConfirmSelect());
            _raw.Expect(1, 85, 11);
        }

        return true;
    }

    private Answer Guarded(string request, Func<Answer> work)
    {
        if (!IsOpen)
        {
            return Answer.Lost;
        }

        try
        {
            return work();
        }
        catch (TimeoutException silent)
        {
            IsOpen = false;
            throw new SilenceException(request, silent);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            IsOpen = false;
            return Answer.Lost;
        }
    }
}

/// <summary>A message to publish.</summary>
internal sealed record Outgoing(string Exchange, string Key, byte[] Body, bool IsPersistent = true, string? Expiration = null);

/// <summary>A message that came.</summary>
internal sealed record Incoming(ulong Tag, byte[] Body, bool IsRedelivered);
