using System.Text;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.DirectReplies;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Protocols.Amqp091;

/// <summary>The queue class.</summary>
internal static class QueueMethods
{
    public static void OnDeclare(Channel channel, QueueDeclare method)
    {
        string name = EntityNames.Read(method.Queue);
        bool noWait = method.NoWait;
        if (name.StartsWith(DirectReplyRegistry.PseudoQueue, StringComparison.Ordinal))
        {
            OnDeclareReplyTo(channel, name, noWait);
            return;
        }

        VirtualHost vhost = channel.VirtualHost;
        CommitTicket ticket = default;
        MessageQueue queue;
        if (method.Passive)
        {
            string asked = name.Length == 0 ? LastQueue(channel) : name;
            vhost.CheckPassive(channel.User, ResourceKind.Queue, asked);
            queue = vhost.RequireQueue(asked, channel.Connection);
        }
        else
        {
            queue = vhost.DeclareQueue(
                channel.User,
                new QueueDeclaration(
                    name.Length == 0 ? EntityNames.Random("amq.gen-") : name,
                    ServerNamed: name.Length == 0,
                    method.Durable,
                    method.AutoDelete,
                    FieldTableReader.Read(method.Arguments),
                    method.Exclusive ? channel.Connection : null),
                channel.Connection,
                out ticket);
        }

        channel.LastQueue = queue.Name;
        QueueCounts counts = queue.Counts;
        byte[] declared = Encoding.UTF8.GetBytes(queue.Name);
        channel.Reply(
            noWait,
            ticket,
            s => MethodWriter.WriteQueueDeclareOk(s, channel.Number, declared, (uint)counts.Ready, (uint)counts.Consumers));
    }

    public static void OnBind(Channel channel, QueueBind method)
    {
        MessageQueue queue = FindQueue(channel, method.Queue, PermissionKind.Write);
        string key = Encoding.UTF8.GetString(method.RoutingKey);
        if (method.Queue.IsEmpty && key.Length == 0)
        {
            key = queue.Name; // AMQP 0-9-1, queue.bind: both left out means the queue declared last, by its name
        }

        CommitTicket ticket = channel.VirtualHost.BindQueue(
            channel.User, EntityNames.Read(method.Exchange), queue, key, FieldTableReader.Read(method.Arguments));
        channel.Reply(method.NoWait, ticket, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.QueueBindOk));
    }

    public static void OnUnbind(Channel channel, QueueUnbind method)
    {
        MessageQueue queue = FindQueue(channel, method.Queue, PermissionKind.Write);
        string key = Encoding.UTF8.GetString(method.RoutingKey);
        if (method.Queue.IsEmpty && key.Length == 0)
        {
            key = queue.Name;
        }

        CommitTicket ticket = channel.VirtualHost.UnbindQueue(
            channel.User, EntityNames.Read(method.Exchange), queue, key, FieldTableReader.Read(method.Arguments));
        channel.Reply(noWait: false, ticket, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.QueueUnbindOk));
    }

    public static void OnPurge(Channel channel, QueuePurge method)
    {
        MessageQueue queue = FindQueue(channel, method.Queue, PermissionKind.Read);
        uint count = (uint)queue.Purge(out CommitTicket ticket);
        channel.Reply(method.NoWait, ticket, s => MethodWriter.WriteQueuePurgeOk(s, channel.Number, count));
    }

    public static void OnDelete(Channel channel, QueueDelete method)
    {
        string name = method.Queue.IsEmpty ? LastQueue(channel) : EntityNames.Read(method.Queue);
        channel.Connection.Notices.Hold();
        CommitTicket ticket;
        long count;
        try
        {
            ticket = channel.VirtualHost.DeleteQueue(
                channel.User, name, channel.Connection, method.IfUnused, method.IfEmpty, channel.Flush, out count);
        }
        catch
        {
            channel.Connection.Notices.Release();
            throw;
        }

        channel.Reply(
            method.NoWait,
            ticket,
            s => MethodWriter.WriteQueueDeleteOk(s, channel.Number, (uint)count),
            channel.Connection.Notices.Release);
    }

    /// <summary>The queue of that name, or the last one declared here when it is empty.</summary>
    /// <exception cref="Core.Arguments.BrokerError">403: the user has not this right on the name; then 404 or 405.</exception>
    public static MessageQueue FindQueue(Channel channel, ReadOnlySpan<byte> name, PermissionKind permission)
    {
        string asked = name.IsEmpty ? LastQueue(channel) : EntityNames.Read(name);
        channel.VirtualHost.Check(channel.User, ResourceKind.Queue, asked, permission);
        return channel.VirtualHost.RequireQueue(asked, channel.Connection);
    }

    private static string LastQueue(Channel channel) =>
        channel.LastQueue ?? throw BrokerErrors.NoPreviouslyDeclaredQueue();

    // A server asks this way whether a requester still waits for its reply.
    private static void OnDeclareReplyTo(Channel channel, string name, bool noWait)
    {
        if (name != DirectReplyRegistry.PseudoQueue && !channel.Broker.DirectReplies.Exists(name))
        {
            throw BrokerErrors.NoQueue(name, channel.VirtualHost.Name);
        }

        byte[] declared = Encoding.UTF8.GetBytes(name);
        channel.Reply(noWait, default, s => MethodWriter.WriteQueueDeclareOk(s, channel.Number, declared, 0, 1));
    }
}
