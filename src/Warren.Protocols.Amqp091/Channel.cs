using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Scheduling;
using Warren.Core;
using Warren.Core.Arguments;
using Warren.Core.Connections;
using Warren.Core.Events;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;
using Unacked = Warren.Protocols.Unacked<Warren.Protocols.Amqp091.ChannelConsumer>;

namespace Warren.Protocols.Amqp091;

/// <summary>One channel: its methods, its consumers, what it published and what it has not acknowledged.</summary>
/// <remarks>
/// Methods run on the read loop. <see cref="UnackedRing{TConsumer}"/>, delivery tags, credit and confirms are guarded by the lock of
/// the connection's output, because deliveries come from other threads.
/// </remarks>
internal sealed class Channel : ISettlingSession
{
    private readonly ConsumerTable _consumers = new();
    private readonly UnackedRing<ChannelConsumer> _unacked = new();
    private List<ChannelConsumer>? _resumed; // empty; null while a thread uses it
    private ChannelPublisher? _publisher;
    private Acknowledger? _acknowledger;
    private ChannelReport? _report;
    private ulong _lastDeliveryTag;
    private int _sharedPrefetch;
    private volatile bool _open = true;
    private bool _closing; // channel.close was sent, everything but close-ok is dropped

    public Channel(Amqp091Connection connection, ushort number)
    {
        Connection = connection;
        Number = number;
    }

    public Amqp091Connection Connection { get; }

    public ushort Number { get; }

    public bool IsOpen => _open;

    public Broker Broker => Connection.Broker;

    public VirtualHost VirtualHost => Connection.VirtualHost!;

    public User User => Connection.User!;

    public FlushSet Flush => Connection.Flush;

    /// <inheritdoc/>
    public OutputBuffer Output => Connection.Output;

    /// <summary>basic.qos for consumers to come; 0: no limit.</summary>
    public int DefaultPrefetch { get; set; }

    /// <summary>The queue an empty name stands for.</summary>
    public string? LastQueue { get; set; }

    public ReplyConsumer? DirectReply { get; set; }

    public Transaction? Transaction { get; set; }

    public ConfirmSequence? Confirms { get; set; }

    public SessionStatistics Statistics { get; } = new();

    /// <summary>The channel for operators; made once, so that it can be compared.</summary>
    public ChannelReport Report => _report ??= new ChannelReport(this);

    /// <summary>Who publishes and consumes here, for the firehose.</summary>
    public TraceOrigin Origin => new(Connection.Name, Number, User.Name);

    public ChannelPublisher Publisher => _publisher ??= new ChannelPublisher(this);

    public Acknowledger Acknowledger => _acknowledger ??= new Acknowledger(this, _unacked);

    /// <summary>What it takes: slots of unacknowledged deliveries, and consumers it has in mind, those of deleted queues included.</summary>
    public (int Unacked, int Consumers) Held => (_unacked.Capacity, _consumers.Held);

    /// <summary>Whether basic.qos global leaves room. Under the output's lock.</summary>
    public bool HasSharedCredit => _sharedPrefetch == 0 || _unacked.Count < _sharedPrefetch;

    public bool HasConfirmBatch => Confirms is { HasBatch: true };

    /// <inheritdoc/>
    public void OnSettled(FlushSet flush)
    {
        Connection.Appended();
        ResumeConsumers(flush);
    }

    // ---- frames ---------------------------------------------------------------------------------------------------

    public void OnFrame(in Frame frame)
    {
        if (_closing)
        {
            OnFrameWhileClosing(frame);
            return;
        }

        MethodId id = 0;
        try
        {
            if (frame.Type == FrameType.Header)
            {
                id = MethodId.BasicPublish;
                Publisher.OnHeader(frame.Payload);
                return;
            }

            id = Method.ReadId(frame.Payload, out ReadOnlySpan<byte> arguments);
            _publisher?.ExpectMethod();
            OnMethod(id, arguments);
        }
        catch (ChannelError error)
        {
            Fail(error, id, Flush);
        }
        catch (BrokerError error) when (!Errors.IsHard(error.Kind))
        {
            Fail(Errors.ToChannelError(error, id), id, Flush);
        }
        catch (BrokerError error)
        {
            throw Errors.ToConnectionError(error, id);
        }
    }

    /// <summary>A body frame begins.</summary>
    public void OnBodyFrame()
    {
        if (!_closing)
        {
            Publisher.ExpectBody();
        }
    }

    /// <summary>A part of a body frame.</summary>
    public void OnBodyPart(ReadOnlySpan<byte> part)
    {
        if (!_closing)
        {
            Publisher.OnBody(part);
        }
    }

    /// <summary>Room for the rest of a body frame, when it is worth receiving there.</summary>
    public Payload LendRoom(int remaining) => _closing ? default : Publisher.LendRoom(remaining);

    /// <summary>Bytes of a body that are still to come; a hint, read without a lock.</summary>
    public int RemainingBody => _publisher?.RemainingBody ?? 0;

    /// <summary>A part of a body frame was received in place.</summary>
    public void OnReceivedInRoom(int bytes)
    {
        if (!_closing)
        {
            Publisher.OnReceivedInRoom(bytes);
        }
    }

    /// <summary>The end octet of a body frame was right.</summary>
    public void OnBodyFrameEnd()
    {
        if (_closing)
        {
            return;
        }

        try
        {
            Publisher.OnBodyFrameEnd();
        }
        catch (ChannelError error)
        {
            Fail(error, MethodId.BasicPublish, Flush);
        }
        catch (BrokerError error) when (!Errors.IsHard(error.Kind))
        {
            Fail(Errors.ToChannelError(error, MethodId.BasicPublish), MethodId.BasicPublish, Flush);
        }
    }

    private void OnFrameWhileClosing(in Frame frame)
    {
        if (!MethodFrames.TryReadId(frame, out MethodId id))
        {
            return;
        }

        if (id == MethodId.ChannelClose)
        {
            Connection.Send(FrameSizes.Small, s => MethodWriter.WriteEmpty(s, Number, MethodId.ChannelCloseOk));
        }

        if (id is MethodId.ChannelClose or MethodId.ChannelCloseOk)
        {
            Connection.Forget(Number);
        }
    }

    private void OnMethod(MethodId id, ReadOnlySpan<byte> arguments)
    {
        switch (id)
        {
            case MethodId.BasicPublish:
                Publisher.OnPublish(BasicPublish.Read(arguments));
                break;
            case MethodId.BasicAck:
                BasicMethods.OnAck(this, BasicAck.Read(arguments));
                break;
            case MethodId.BasicNack:
                BasicMethods.OnNack(this, BasicNack.Read(arguments));
                break;
            case MethodId.BasicReject:
                BasicMethods.OnReject(this, BasicReject.Read(arguments));
                break;
            case MethodId.BasicGet:
                BasicMethods.OnGet(this, BasicGet.Read(arguments));
                break;
            case MethodId.BasicConsume:
                BasicMethods.OnConsume(this, BasicConsume.Read(arguments));
                break;
            case MethodId.BasicCancel:
                BasicMethods.OnCancel(this, BasicCancel.Read(arguments));
                break;
            case MethodId.BasicQos:
                BasicMethods.OnQos(this, BasicQos.Read(arguments));
                break;
            case MethodId.BasicRecover:
                BasicMethods.OnRecover(this, BasicRecover.Read(arguments).Requeue, replies: true);
                break;
            case MethodId.BasicRecoverAsync:
                BasicMethods.OnRecover(this, BasicRecoverAsync.Read(arguments).Requeue, replies: false);
                break;
            case MethodId.BasicCancelOk:
                break; // the client's answer to a cancel of ours
            case MethodId.QueueDeclare:
                QueueMethods.OnDeclare(this, QueueDeclare.Read(arguments));
                break;
            case MethodId.QueueBind:
                QueueMethods.OnBind(this, QueueBind.Read(arguments));
                break;
            case MethodId.QueueUnbind:
                QueueMethods.OnUnbind(this, QueueUnbind.Read(arguments));
                break;
            case MethodId.QueuePurge:
                QueueMethods.OnPurge(this, QueuePurge.Read(arguments));
                break;
            case MethodId.QueueDelete:
                QueueMethods.OnDelete(this, QueueDelete.Read(arguments));
                break;
            case MethodId.ExchangeDeclare:
                ExchangeMethods.OnDeclare(this, ExchangeDeclare.Read(arguments));
                break;
            case MethodId.ExchangeDelete:
                ExchangeMethods.OnDelete(this, ExchangeDelete.Read(arguments));
                break;
            case MethodId.ExchangeBind:
                ExchangeMethods.OnBind(this, ExchangeBind.Read(arguments));
                break;
            case MethodId.ExchangeUnbind:
                ExchangeMethods.OnUnbind(this, ExchangeUnbind.Read(arguments));
                break;
            case MethodId.ConfirmSelect:
                ModeMethods.OnConfirmSelect(this, ConfirmSelect.Read(arguments));
                break;
            case MethodId.TxSelect:
                ModeMethods.OnTxSelect(this);
                break;
            case MethodId.TxCommit:
                ModeMethods.OnTxCommit(this);
                break;
            case MethodId.TxRollback:
                ModeMethods.OnTxRollback(this);
                break;
            case MethodId.ChannelOpen:
                throw new ConnectionError(ReplyCode.ChannelError, "second 'channel.open' seen", id);
            case MethodId.ChannelClose:
                ChannelClose.Read(arguments);
                Close(Flush);
                Connection.Forget(Number);
                Connection.Send(FrameSizes.Small, s => MethodWriter.WriteEmpty(s, Number, MethodId.ChannelCloseOk));
                break;
            case MethodId.ChannelFlow:
                ModeMethods.OnFlow(this, ChannelFlow.Read(arguments));
                break;
            case MethodId.ChannelFlowOk:
                break;
            case MethodId.AccessRequest:
                Connection.Send(FrameSizes.Small, s => MethodWriter.WriteAccessRequestOk(s, Number, 1));
                break;
            default:
                throw new ConnectionError(ReplyCode.CommandInvalid, "unimplemented method", id);
        }
    }

    private void Fail(ChannelError error, MethodId method, FlushSet flush)
    {
        _closing = true;
        Close(flush);
        MethodId at = error.Method != 0 ? error.Method : method;
        lock (Connection.Output.Lock)
        {
            Span<byte> frame = Connection.Output.GetSpan(FrameSizes.Close);
            Connection.Output.Advance(MethodWriter.WriteChannelClose(frame, Number, error.Code, error.WireText, at));
        }

        flush.Add(Connection.Output);
    }

    /// <summary>Ends the channel: consumers go, what was not acknowledged goes back to its queues.</summary>
    public void Close(FlushSet flush)
    {
        OutputBuffer output = Connection.Output;
        lock (output.Lock)
        {
            if (!_open)
            {
                return;
            }

            _open = false;
            foreach (ChannelConsumer consumer in _consumers.All)
            {
                consumer.Stop();
            }
        }

        _publisher?.Drop();
        Transaction?.Rollback(this);
        if (DirectReply is not null)
        {
            Broker.DirectReplies.Unregister(DirectReply.Address);
        }

        foreach (ChannelConsumer consumer in _consumers.All)
        {
            Unsubscribe(consumer, flush, autoDelete: false);
        }

        Acknowledger.RequeueAll(flush);
        foreach (ChannelConsumer consumer in _consumers.All)
        {
            VirtualHost.DeleteIfAbandoned(consumer.Queue, flush);
        }

        int consumerCount = _consumers.Count;
        lock (Connection.Output.Lock)
        {
            _consumers.Clear();
        }

        Statistics.Retire(Broker, VirtualHost, Amqp091Protocol.Label);
        if (Broker.Events.IsHeard)
        {
            Broker.Events.ChannelClosed(Report, consumerCount);
        }
    }

    /// <summary>How it stands. Under the session's lock.</summary>
    public ChannelView View()
    {
        lock (Connection.Output.Lock)
        {
            return new ChannelView
            {
                State = _closing ? "closing" : "running",
                Confirm = Confirms is not null,
                Transactional = Transaction is not null,
                ConsumerCount = _consumers.Count,
                PrefetchCount = DefaultPrefetch,
                GlobalPrefetchCount = _sharedPrefetch,
                Unacknowledged = _unacked.Count,
                Unconfirmed = (long)(Confirms?.Outstanding ?? 0),
                Uncommitted = Transaction?.PublishCount ?? 0,
                AcksUncommitted = Transaction?.SettlementCount ?? 0,
            };
        }
    }

    /// <summary>Its consumers. Under the session's lock.</summary>
    public IReadOnlyList<ConsumerView> ListConsumers() =>
    [
        .. from consumer in _consumers.All
           where !consumer.IsGone
           select consumer.View(),
    ];

    /// <summary>Answers a method when the log has committed what it did, unless the client wants no answer.</summary>
    public void Reply(bool noWait, CommitTicket ticket, FrameWrite write, Action? then = null)
    {
        if (noWait)
        {
            if (!ticket.IsNone)
            {
                Connection.Appended();
            }

            then?.Invoke();
            return;
        }

        if (ticket.State == CommitState.Committed)
        {
            Connection.Send(FrameSizes.Small, write);
            then?.Invoke();
            return;
        }

        Connection.ReplyWhenCommitted(ticket, () =>
        {
            Connection.Append(FrameSizes.Small, write);
            then?.Invoke();
        });
    }

    // ---- consumers ------------------------------------------------------------------------------------------------

    /// <summary>The consumer with this tag, unless its queue is gone.</summary>
    public ChannelConsumer? FindConsumer(string tag) => _consumers.Find(tag);

    public void AddConsumer(ChannelConsumer consumer)
    {
        lock (Connection.Output.Lock)
        {
            _consumers.Add(consumer);
        }
    }

    public void RemoveConsumer(ChannelConsumer consumer, FlushSet flush)
    {
        lock (Connection.Output.Lock)
        {
            consumer.Stop();
            _consumers.Remove(consumer.Tag);
        }

        Unsubscribe(consumer, flush, autoDelete: true);
    }

    /// <summary>The queue of a consumer was deleted: tell a client that understands it.</summary>
    public void OnQueueGone(ChannelConsumer consumer, FlushSet flush)
    {
        OutputBuffer output = Connection.Output;
        TellEnded(consumer);
        lock (output.Lock)
        {
            _consumers.MarkGone(consumer);
            if (!_open || !Connection.Capabilities.HasFlag(ClientCapabilities.ConsumerCancelNotify))
            {
                return;
            }

            Connection.Notices.Send(s => MethodWriter.WriteCancel(s, Number, consumer.TagUtf8, noWait: true));
        }

        flush.Add(output);
    }

    /// <summary>Ends the consumers of queues that the user may not read any more; the client is told.</summary>
    public void CancelUnreadable(FlushSet flush)
    {
        foreach (ChannelConsumer consumer in _consumers.All)
        {
            if (!consumer.IsGone
                && !Broker.Authorizer.Check(User, VirtualHost.Name, consumer.Queue.Name, PermissionKind.Read))
            {
                OnQueueGone(consumer, flush);
                Unsubscribe(consumer, flush, autoDelete: true);
            }
        }
    }

    /// <summary>Tells the queues of consumers that had been refused and have credit again.</summary>
    public void ResumeConsumers(FlushSet flush)
    {
        // No list for each acknowledgement; the pool's thread, when the output has drained meanwhile, makes its own.
        List<ChannelConsumer> resumed = Interlocked.Exchange(ref _resumed, null) ?? [];
        lock (Connection.Output.Lock)
        {
            if (_open)
            {
                _consumers.TakeRefusals(resumed);
            }
        }

        foreach (ChannelConsumer consumer in resumed)
        {
            consumer.Queue.Resume(consumer, flush);
        }

        resumed.Clear();
        Volatile.Write(ref _resumed, resumed);
    }

    public void SetSharedPrefetch(int prefetch)
    {
        lock (Connection.Output.Lock)
        {
            _sharedPrefetch = prefetch;
        }

        ResumeConsumers(Flush);
    }

    /// <summary>406 when the oldest delivery has been out for too long.</summary>
    public void CheckConsumerTimeout(Uptime now, FlushSet flush)
    {
        long timeout;
        lock (Connection.Output.Lock)
        {
            _unacked.Trim();
            if (!_open || !_unacked.TryPeekOldest(out Unacked oldest) || oldest.Consumer is null)
            {
                return;
            }

            timeout = oldest.Queue?.Limits.ConsumerTimeoutMs ?? Connection.Options.ConsumerTimeoutMs;
            if (timeout <= 0 || now.Ms - (oldest.DeliveredAtSeconds * 1000L) < timeout)
            {
                return;
            }
        }

        Fail(
            new ChannelError(ReplyCode.PreconditionFailed, Errors.DeliveryTimedOut(Number, timeout)), 0, flush);
    }

    private void TellEnded(ChannelConsumer consumer)
    {
        if (Broker.Events.IsHeard && !consumer.IsGone)
        {
            Broker.Events.ConsumerDeleted(Report, consumer.Tag, consumer.Queue.Name);
        }
    }

    private void Unsubscribe(ChannelConsumer consumer, FlushSet flush, bool autoDelete)
    {
        TellEnded(consumer);
        if (consumer.Queue.Unsubscribe(consumer, flush) && autoDelete)
        {
            VirtualHost.DeleteIfAbandoned(consumer.Queue, flush);
        }
    }

    // ---- deliveries: under the output's lock ----------------------------------------------------------------------

    public ulong NextDeliveryTag() => ++_lastDeliveryTag;

    public void AddUnacked(ulong tag, MessageQueue queue, long entryId, ChannelConsumer? consumer) =>
        _unacked.Add(new Unacked
        {
            DeliveryTag = tag,
            EntryId = entryId,
            Queue = queue,
            Consumer = consumer,
            DeliveredAtSeconds = (uint)(Broker.Clock.Uptime.Ms / 1000),
        });

    // ---- confirms -------------------------------------------------------------------------------------------------

    /// <summary>Ends the publishes of this read batch; true when some wait for the log. Under the output's lock.</summary>
    public bool EndConfirmBatch()
    {
        if (!_open)
        {
            return false;
        }

        Confirms!.EndBatch();
        return ReleaseConfirms();
    }

    /// <summary>Answers what can be answered by now. Under the output's lock.</summary>
    /// <returns>True when more wait.</returns>
    public bool ReleaseConfirms()
    {
        if (Confirms is null || !_open)
        {
            return false;
        }

        OutputBuffer output = Connection.Output;
        while (Confirms.Release(out ulong first, out ulong upTo, out bool isNack))
        {
            Statistics.OnConfirmed(upTo - first + 1);
            Span<byte> frame = output.GetSpan(FrameSizes.Small);
            output.Advance(isNack
                ? MethodWriter.WriteNack(frame, Number, upTo, multiple: upTo > first, requeue: false)
                : MethodWriter.WriteAck(frame, Number, upTo, multiple: upTo > first));
        }

        return Confirms.IsWaiting;
    }
}
