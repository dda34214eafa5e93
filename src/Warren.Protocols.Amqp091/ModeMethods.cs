using Warren.Wire.Amqp091;

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
            channel.Connection.Send(FrameWriter.SmallFrame, s => MethodWriter.WriteConfirmSelectOk(s, channel.Number));
        }
    }

    public static void OnTxSelect(Channel channel)
    {
        if (channel.Confirms is not null)
        {
            throw new ChannelError(ReplyCode.PreconditionFailed, "cannot switch from confirm to tx mode");
        }

        channel.Transaction ??= new Transaction();
        channel.Connection.Send(FrameWriter.SmallFrame, s => MethodWriter.WriteTxSelectOk(s, channel.Number));
    }

    public static void OnTxCommit(Channel channel)
    {
        Transaction transaction = channel.Transaction ?? throw NotTransactional();
        ulong lsn = transaction.Commit(channel);
        channel.Connection.Appended();
        channel.Connection.ReplyWhenCommitted(
            lsn,
            () => channel.Connection.Append(FrameWriter.SmallFrame, s => MethodWriter.WriteTxCommitOk(s, channel.Number)));
    }

    public static void OnTxRollback(Channel channel)
    {
        Transaction transaction = channel.Transaction ?? throw NotTransactional();
        transaction.Rollback(channel);
        channel.Connection.Send(FrameWriter.SmallFrame, s => MethodWriter.WriteTxRollbackOk(s, channel.Number));
    }

    private static ChannelError NotTransactional() =>
        new(ReplyCode.PreconditionFailed, "channel is not transactional");
}
