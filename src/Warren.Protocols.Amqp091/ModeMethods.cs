using Warren.Buffers.Commits;
using Warren.Wire.Amqp091;
using Warren.Wire.Amqp091.Methods;

namespace Warren.Protocols.Amqp091;

/// <summary>confirm.select and the tx class.</summary>
internal static class ModeMethods
{
    public static void OnConfirmSelect(Channel channel, ConfirmSelect method)
    {
        if (channel.Transaction is not null)
        {
            throw new ChannelError(ReplyCode.PreconditionFailed, "cannot switch from tx to confirm mode");
        }

        channel.Confirms ??= new ConfirmSequence();
        if (!method.NoWait)
        {
            channel.Connection.Send(FrameSizes.Small, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.ConfirmSelectOk));
        }
    }

    public static void OnTxSelect(Channel channel)
    {
        if (channel.Confirms is not null)
        {
            throw new ChannelError(ReplyCode.PreconditionFailed, "cannot switch from confirm to tx mode");
        }

        channel.Transaction ??= new Transaction();
        channel.Connection.Send(FrameSizes.Small, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.TxSelectOk));
    }

    public static void OnTxCommit(Channel channel)
    {
        Transaction transaction = channel.Transaction ?? throw NotTransactional();
        CommitTicket ticket = transaction.Commit(channel);
        channel.Connection.Appended();
        channel.Connection.ReplyWhenCommitted(
            ticket,
            () => channel.Connection.Append(FrameSizes.Small, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.TxCommitOk)));
    }

    public static void OnTxRollback(Channel channel)
    {
        Transaction transaction = channel.Transaction ?? throw NotTransactional();
        transaction.Rollback(channel);
        channel.Connection.Send(FrameSizes.Small, s => MethodWriter.WriteEmpty(s, channel.Number, MethodId.TxRollbackOk));
    }

    private static ChannelError NotTransactional() =>
        new(ReplyCode.PreconditionFailed, "channel is not transactional");

    public static void OnFlow(Channel channel, ChannelFlow flow)
    {
        if (!flow.Active)
        {
            throw new ConnectionError(ReplyCode.NotImplemented, "active=false", MethodId.ChannelFlow);
        }

        channel.Connection.Send(FrameSizes.Small, s => MethodWriter.WriteChannelFlowOk(s, channel.Number, active: true));
    }
}
