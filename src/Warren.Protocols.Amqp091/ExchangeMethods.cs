using System.Text;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Security;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Protocols.Amqp091;

/// <summary>The exchange class.</summary>
internal static class ExchangeMethods
{
    public static void OnDeclare(Channel channel, ExchangeDeclare method)
    {
        string name = EntityNames.Read(method.Exchange);
        bool noWait = method.NoWait;
        if (method.Passive)
        {
            channel.VirtualHost.CheckPassive(channel.User, ResourceKind.Exchange, name);
            channel.VirtualHost.RequireExchange(name);
        }
        else
        {
            channel.VirtualHost.DeclareExchange(channel.User, new ExchangeDeclaration(
                name,
                Encoding.UTF8.GetString(method.Type),
                method.Durable,
                method.AutoDelete,
                method.Internal,
                FieldTableReader.Read(method.Arguments)));
        }

        channel.Reply(noWait, default, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.ExchangeDeclareOk));
    }

    public static void OnDelete(Channel channel, ExchangeDelete method)
    {
        CommitTicket ticket = channel.VirtualHost.DeleteExchange(channel.User, EntityNames.Read(method.Exchange), method.IfUnused);
        channel.Reply(method.NoWait, ticket, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.ExchangeDeleteOk));
    }

    public static void OnBind(Channel channel, ExchangeBind method)
    {
        CommitTicket ticket = channel.VirtualHost.BindExchange(
            channel.User,
            EntityNames.Read(method.Source),
            EntityNames.Read(method.Destination),
            Encoding.UTF8.GetString(method.RoutingKey),
            FieldTableReader.Read(method.Arguments));
        channel.Reply(method.NoWait, ticket, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.ExchangeBindOk));
    }

    public static void OnUnbind(Channel channel, ExchangeUnbind method)
    {
        channel.VirtualHost.UnbindExchange(
            channel.User,
            EntityNames.Read(method.Source),
            EntityNames.Read(method.Destination),
            Encoding.UTF8.GetString(method.RoutingKey),
            FieldTableReader.Read(method.Arguments));
        channel.Reply(method.NoWait, default, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.ExchangeUnbindOk));
    }
}
