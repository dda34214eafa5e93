using System.Text;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Storage;

namespace Warren.Core.Queues;

/// <summary>What became of one message an operator wanted deleted, moved or copied.</summary>
public enum EditOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>The message is not ready any more: delivered, or gone.</summary>
    Gone,

    /// <summary>There is nowhere to go: no such queue or exchange, no binding, or back to where it is.</summary>
    Unroutable,

    /// <summary>The target is full, or the log takes nothing; the message stays.</summary>
    Refused,
}

/// <summary>Deletes, moves and copies single messages of a queue for an operator.</summary>
/// <remarks>
/// Not thread-safe; one for each request. A message that is moved is set aside first, so that no consumer gets it
/// meanwhile, and leaves the source in the same step of the log that stores it at the target.
/// </remarks>
public sealed class QueueEdit
{
    private readonly Broker _broker;
    private readonly VirtualHost _virtualHost;
    private readonly MessageQueue _queue;
    private readonly User _user;
    private readonly RouteSet _routes = new();

    /// <summary>Edits a queue on behalf of a user, whose right to read it is checked here.</summary>
    /// <exception cref="Arguments.BrokerError">403.</exception>
    public QueueEdit(Broker broker, VirtualHost virtualHost, MessageQueue queue, User user)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ArgumentNullException.ThrowIfNull(virtualHost);
        virtualHost.CheckRead(user, queue);
        _broker = broker;
        _virtualHost = virtualHost;
        _queue = queue;
        _user = user;
    }

    /// <summary>What has to be committed for what was done so far.</summary>
    public CommitTicket Ticket { get; private set; }

    /// <summary>Deletes a ready message; it is not dead-lettered.</summary>
    public EditOutcome Delete(long entryId, FlushSet flush)
    {
        if (!_queue.TrySetAside(entryId))
        {
            return EditOutcome.Gone;
        }

        _queue.Acknowledge([entryId], flush);
        Ticket = Ticket.And(_broker.Log.Barrier());
        return EditOutcome.Done;
    }

    /// <summary>Moves a ready message.</summary>
    /// <exception cref="Arguments.BrokerError">403: the user may not publish there.</exception>
    public EditOutcome Move(long entryId, TransferTarget target, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!_queue.TrySetAside(entryId))
        {
            return EditOutcome.Gone;
        }

        EditOutcome outcome = EditOutcome.Gone;
        try
        {
            outcome = Transfer(entryId, target, isMove: true, flush);
            return outcome;
        }
        finally
        {
            if (outcome != EditOutcome.Done)
            {
                _queue.PutBack([entryId], flush);
            }
        }
    }

    /// <summary>Copies a message, whether it is ready or delivered.</summary>
    /// <exception cref="Arguments.BrokerError">403: the user may not publish there.</exception>
    public EditOutcome Copy(long entryId, TransferTarget target, FlushSet flush)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Transfer(entryId, target, isMove: false, flush);
    }

    private EditOutcome Transfer(long entryId, TransferTarget target, bool isMove, FlushSet flush)
    {
        if (!_queue.TryRead(entryId, out Payload bytes))
        {
            return EditOutcome.Gone;
        }

        Payload image = default;
        try
        {
            var message = new Message(bytes);
            if (_broker.FindFormat(message.Format) is not { } format
                || TransferredMessage.Of(message, format, target) is not { } transferred
                || !transferred.TryWriteTo(_broker, out image))
            {
                return EditOutcome.Unroutable;
            }

            return Send(entryId, new Message(image), transferred, target, isMove, flush);
        }
        finally
        {
            bytes.Release();
            image.Release();
        }
    }

    private EditOutcome Send(
        long entryId, Message message, TransferredMessage transferred, TransferTarget target, bool isMove, FlushSet flush)
    {
        MessageQueue[] queues = QueuesFor(message, transferred, target);
        if (queues.Length == 0 || (isMove && queues.Contains(_queue)))
        {
            return EditOutcome.Unroutable;
        }

        if (Array.Exists(queues, q => q.RejectsPublish && q.WouldReject(1, message.BodyLength)))
        {
            return EditOutcome.Refused;
        }

        ulong held = isMove ? _queue.FindLsn(entryId) : 0;
        RecordReference from = held != 0 ? new RecordReference(_queue.Id, held) : default;
        PublishOutcome outcome = _broker.Messages.Write(message, queues, from, flush, out CommitTicket ticket);
        Ticket = Ticket.And(ticket);
        if (outcome != PublishOutcome.Accepted && ticket.IsNone)
        {
            return EditOutcome.Refused; // else one of the queues has it, and this one has given it back
        }

        if (isMove)
        {
            // As with dead letters: what the record of the target did not give back is given back here.
            _queue.Acknowledge([entryId], flush, releaseInLog: ticket.IsNone);
            Ticket = Ticket.And(_broker.Log.Barrier());
        }

        return EditOutcome.Done;
    }

    private MessageQueue[] QueuesFor(Message message, TransferredMessage transferred, TransferTarget target)
    {
        if (transferred.Queue is { } name)
        {
            _virtualHost.ExchangeToPublishTo(_user, "");
            return target.VirtualHost.FindQueue(name) is { } queue ? [queue] : [];
        }

        string exchangeName = Encoding.UTF8.GetString(message.Exchange);
        if (target.VirtualHost.FindExchange(exchangeName) is null)
        {
            return [];
        }

        Exchange exchange = target.VirtualHost.ExchangeToPublishTo(_user, exchangeName);
        MessageFormat format = _broker.FindFormat(message.Format)!;
        CheckTopics(target.VirtualHost, exchange, message, format);
        _routes.Clear();
        target.VirtualHost.Publishing.RouteWithCopies(exchange, message, format, _routes);
        Route route = Route.Of(_routes, exchange);
        _ = target.VirtualHost.Publishing.TryRemember(message, route, out _);
        return route.Queues;
    }

    // As if the user had published it: every key it is routed by.
    private void CheckTopics(VirtualHost virtualHost, Exchange exchange, Message message, MessageFormat format)
    {
        virtualHost.CheckTopic(_user, exchange, Encoding.UTF8.GetString(message.RoutingKey), PermissionKind.Write);
        if ((message.Flags & MessageFlags.HasHeaders) != 0
            && format.TryFindHeader(message.Properties, "CC"u8, out FieldValue copies))
        {
            foreach (FieldValue key in copies.AsArray())
            {
                virtualHost.CheckTopic(_user, exchange, Encoding.UTF8.GetString(key.AsBytes()), PermissionKind.Write);
            }
        }
    }
}
