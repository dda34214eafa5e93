using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Routing;
using Warren.Core.Security;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Protocols.Amqp091;

/// <summary>The inbound content of one channel: method, header and body frames into one message, and that to its queues.</summary>
/// <remarks>The read loop's. Nothing here allocates for a message whose route is known.</remarks>
internal sealed class ChannelPublisher
{
    private const int LeastInRoom = 16 * 1024; // copying less is cheaper than another system call
    private const int GrowthStart = 1024 * 1024; // a larger message grows as its bytes arrive

    private readonly Channel _channel;
    private readonly RouteSet _routes = new();
    private readonly List<byte[]> _copyKeys = [];
    private readonly byte[] _exchange = new byte[byte.MaxValue];
    private readonly byte[] _routingKey = new byte[byte.MaxValue];
    private Await _await = Await.Method;
    private int _exchangeLength;
    private int _routingKeyLength;
    private bool _mandatory;
    private bool _copies; // CC or BCC
    private Payload _image;
    private int _imageLength;
    private int _filled;

    public ChannelPublisher(Channel channel) => _channel = channel;

    private enum Await
    {
        Method,
        Header,
        Body,
    }

    private ReadOnlySpan<byte> Exchange => _exchange.AsSpan(0, _exchangeLength);

    private ReadOnlySpan<byte> RoutingKey => _routingKey.AsSpan(0, _routingKeyLength);

    /// <summary>A method frame came: is it its turn?</summary>
    public void ExpectMethod()
    {
        if (_await == Await.Header)
        {
            ThrowUnexpected("expected content header for class 60, got non content header frame instead");
        }

        if (_await == Await.Body)
        {
            ThrowUnexpected("expected content body, got non content body frame instead");
        }
    }

    /// <summary>A body frame came: is it its turn?</summary>
    public void ExpectBody()
    {
        if (_await == Await.Header)
        {
            ThrowUnexpected("expected content header for class 60, got non content header frame instead");
        }

        if (_await == Await.Method)
        {
            ThrowNoMethod();
        }
    }

    /// <summary>basic.publish.</summary>
    public void OnPublish(BasicPublish method)
    {
        if (method.Immediate)
        {
            throw new ConnectionError(ReplyCode.NotImplemented, "immediate=true", MethodId.BasicPublish);
        }

        _exchangeLength = method.Exchange.Length;
        method.Exchange.CopyTo(_exchange);
        _routingKeyLength = method.RoutingKey.Length;
        method.RoutingKey.CopyTo(_routingKey);
        _mandatory = method.Mandatory;
        _await = Await.Header;
        _channel.Connection.Alarms.OnPublish();
    }

    /// <summary>The content header.</summary>
    public void OnHeader(ReadOnlySpan<byte> payload)
    {
        if (_await != Await.Header)
        {
            if (_await == Await.Method)
            {
                ThrowNoMethod();
            }

            ThrowUnexpected("expected content body, got non content body frame instead");
        }

        ContentHeader header = ContentHeader.Read(payload);
        _await = Await.Method;
        if (header.BodySize > (ulong)_channel.Connection.Options.MaxMessageSize)
        {
            throw new ChannelError(
                ReplyCode.PreconditionFailed,
                $"message size {header.BodySize} is larger than configured max size {_channel.Connection.Options.MaxMessageSize}",
                MethodId.BasicPublish);
        }

        _channel.Statistics.OnSize((int)header.BodySize);
        Open((int)header.BodySize, header.Properties);
        if (header.BodySize == 0)
        {
            Complete();
        }
        else
        {
            _await = Await.Body;
        }
    }

    /// <summary>A part of the body.</summary>
    public void OnBody(ReadOnlySpan<byte> part)
    {
        if (part.Length > _imageLength - _filled)
        {
            throw new ConnectionError(
                ReplyCode.FrameError, "content body frame exceeds remaining content size", MethodId.BasicPublish);
        }

        if (_filled + part.Length > _image.Length)
        {
            Grow(_filled + part.Length);
        }

        part.CopyTo(_image.Writable[_filled..]);
        _filled += part.Length;
    }

    /// <summary>Bytes of the body that are still to come.</summary>
    public int RemainingBody => _await == Await.Body ? _imageLength - _filled : 0;

    /// <summary>The room in the message for up to <paramref name="remaining"/> bytes, with a reference for the caller.</summary>
    public Payload LendRoom(int remaining)
    {
        int length = _await == Await.Body ? Math.Min(remaining, _image.Length - _filled) : 0;
        if (length < LeastInRoom || remaining > _imageLength - _filled)
        {
            return default;
        }

        Payload room = _image.Slice(_filled, length);
        room.Retain();
        return room;
    }

    /// <summary>The next bytes of the body are where they belong.</summary>
    public void OnReceivedInRoom(int bytes) => _filled += bytes;

    /// <summary>The body frame ended; the message is complete when all announced bytes are there.</summary>
    public void OnBodyFrameEnd()
    {
        if (_await == Await.Body && _filled == _imageLength)
        {
            _await = Await.Method;
            Complete();
        }
    }

    /// <summary>Forgets a message that will not be completed.</summary>
    public void Drop()
    {
        _image.Release();
        _image = default;
        _await = Await.Method;
    }

    private void Open(int bodySize, ReadOnlySpan<byte> encoded)
    {
        BasicProperties properties = BasicProperties.OfChecked(encoded);
        MessageFlags flags = MessageFlags.None;
        long ttlMs = -1;
        _copies = false;
        if (properties.DeliveryMode == 2)
        {
            flags |= MessageFlags.Persistent;
        }

        if (properties.Has(BasicProperty.UserId))
        {
            CheckUserId(properties.UserId);
        }

        if (properties.Has(BasicProperty.Expiration))
        {
            ttlMs = Expiration.Parse(properties.Expiration);
            flags |= MessageFlags.HasTtl;
        }

        if (properties.Has(BasicProperty.Headers) && properties.Headers.Length > 0)
        {
            flags |= MessageFlags.HasHeaders;
            _copies = SenderSelected.IsPresent(properties.Headers);
        }

        if (properties.Has(BasicProperty.ReplyTo) && properties.ReplyTo.SequenceEqual("amq.rabbitmq.reply-to"u8))
        {
            if (_channel.DirectReply is not { } reply)
            {
                throw new ChannelError(
                    ReplyCode.PreconditionFailed, "fast reply consumer does not exist", MethodId.BasicPublish);
            }

            encoded = BasicPropertiesWriter.ReplaceReplyTo(encoded, Encoding.UTF8.GetBytes(reply.Address));
        }

        if (_copies)
        {
            _copyKeys.Clear();
            encoded = SenderSelected.Extract(encoded, _copyKeys);
        }

        var envelope = new MessageEnvelope(
            Amqp091MessageFormat.FormatTag, flags, properties.Priority, _channel.Broker.Clock.NowMs, ttlMs);
        long size = Message.SizeOf(_exchangeLength, _routingKeyLength, encoded.Length, bodySize);
        _imageLength = (int)size;
        int first = (int)Math.Min(size, size - bodySize + GrowthStart);
        _image = _channel.Broker.Slabs.Allocate(first);
        _filled = Message.WriteHead(_image.Writable, envelope, Exchange, RoutingKey, encoded, bodySize);
    }

    private void Grow(int needed)
    {
        int size = (int)Math.Min(_imageLength, Math.Max(needed, _image.Length * 2L));
        Payload larger = _channel.Broker.Slabs.Allocate(size);
        _image.Span[.._filled].CopyTo(larger.Writable);
        _image.Release();
        _image = larger;
    }

    private void Complete()
    {
        Payload image = _image;
        _image = default;
        try
        {
            var message = new Message(image);
            if (_channel.Transaction is { } transaction)
            {
                transaction.Add(message, FindRoute(message), _mandatory, _channel);
                return;
            }

            Publish(message);
        }
        finally
        {
            image.Release();
        }
    }

    private void Publish(Message message)
    {
        if (_exchangeLength == 0 && _channel.Broker.DirectReplies.Find(RoutingKey) is { } target)
        {
            Trace(message, Route.None);
            target.TryDeliver(message, _channel.Flush);
            _channel.Statistics.OnPublished(exchange: null);
            _channel.Confirms?.Accepted(default);
            return;
        }

        Route route = FindRoute(message);
        Count(route, _mandatory);
        Trace(message, route);
        if (route.Queues.Length == 0)
        {
            bool isKept = _channel.VirtualHost.Publishing.TryRemember(message, route, out CommitTicket kept);
            if (_mandatory)
            {
                Return(message);
            }

            Answer(!isKept, kept);
            return;
        }

        PublishOutcome outcome = _channel.VirtualHost.Publishing.Publish(message, route, _channel.Flush, out CommitTicket ticket);
        Answer(outcome is PublishOutcome.Rejected or PublishOutcome.Refused, ticket);
    }

    private void Answer(bool isRefused, CommitTicket ticket)
    {
        if (!ticket.IsNone)
        {
            _channel.Connection.Appended();
        }

        if (isRefused)
        {
            _channel.Confirms?.Refused();
        }
        else
        {
            _channel.Confirms?.Accepted(ticket);
        }
    }

    private Route FindRoute(Message message)
    {
        VirtualHost vhost = _channel.VirtualHost;
        long version = vhost.RoutingVersion;
        RouteCache cache = _channel.Connection.Routes;
        if (!_copies && cache.Find(Exchange, RoutingKey, version) is { } known)
        {
            return known;
        }

        Exchange exchange = vhost.ExchangeToPublishTo(_channel.User, Encoding.UTF8.GetString(Exchange));
        if (exchange is TopicExchange)
        {
            vhost.CheckTopic(_channel.User, exchange, Encoding.UTF8.GetString(RoutingKey), PermissionKind.Write);
        }

        ReadOnlySpan<byte[]> moreKeys = _copies ? CollectionsMarshal.AsSpan(_copyKeys) : default;
        foreach (byte[] key in moreKeys)
        {
            vhost.CheckTopic(_channel.User, exchange, Encoding.UTF8.GetString(key), PermissionKind.Write);
        }

        _routes.Clear();
        vhost.Publishing.Route(exchange, message, moreKeys, Amqp091MessageFormat.Instance, _routes);
        Route route = Route.Of(_routes, exchange);
        if (!_copies && !_routes.DependsOnHeaders)
        {
            cache.Add(Exchange, RoutingKey, version, route);
        }

        return route;
    }

    private void Trace(Message message, Route route) =>
        _channel.VirtualHost.Firehose?.OnPublished(
            message, _copies ? CollectionsMarshal.AsSpan(_copyKeys) : default, route.Queues, _channel.Origin);

    /// <summary>Counts a publish.</summary>
    public void Count(Route route, bool mandatory)
    {
        _channel.Statistics.OnPublished(route.Source?.Name);
        _channel.Connection.Tally.Add(route.Source, route.Queues.Length);
        if (route.Queues.Length == 0)
        {
            _channel.Statistics.OnUnroutable(route.Source?.Name, returned: mandatory);
        }
    }

    /// <summary>Sends a message nobody took back to its publisher.</summary>
    public void Return(Message message)
    {
        OutputBuffer output = _channel.Connection.Output;
        lock (output.Lock)
        {
            Span<byte> frame = output.GetSpan(FrameSizes.Close + 512);
            output.Advance(MethodWriter.WriteReturn(
                frame, _channel.Number, ReplyCode.NoRoute, "NO_ROUTE"u8, message.Exchange, message.RoutingKey));
            DeliveryWriter.WriteContent(
                output, _channel.Connection.FrameMax, _channel.Number, message, ForeignMessage.PropertiesOf(_channel.Broker, message, _channel.Connection.FrameMax));
        }

        _channel.Flush.Add(output);
    }

    private void CheckUserId(ReadOnlySpan<byte> userId)
    {
        string name = Encoding.UTF8.GetString(userId);
        if (name != _channel.User.Name && !_channel.User.Tags.Contains("impersonator"))
        {
            throw new ChannelError(
                ReplyCode.PreconditionFailed,
                $"user_id property set to '{name}' but authenticated user was '{_channel.User.Name}'",
                MethodId.BasicPublish);
        }
    }

    // There is no method to name in the close.
    [DoesNotReturn]
    private static void ThrowNoMethod() =>
        throw new ConnectionError(ReplyCode.UnexpectedFrame, "expected method frame, got non method frame instead");

    [DoesNotReturn]
    private static void ThrowUnexpected(string text) =>
        throw new ConnectionError(ReplyCode.UnexpectedFrame, text, MethodId.BasicPublish);
}
