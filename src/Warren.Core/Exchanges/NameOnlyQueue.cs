using Warren.Buffers;
using Warren.Buffers.Commits;
using Warren.Core.Arguments;
using Warren.Core.Messages;
using Warren.Core.Policies;
using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.Exchanges;

/// <summary>A queue that is nothing but a name: for asking where messages would go. It holds none.</summary>
internal sealed class NameOnlyQueue(string name)
    : MessageQueue("", name, new QueueDefinition(false, false, Buffers.Fields.FieldTable.Empty, Nothing, Owner: null), id: 0)
{
    private static readonly QueueArguments Nothing =
        QueueArguments.Parse(Buffers.Fields.FieldTable.Empty, new QueueProperties(false, false, false), "", "");

    public override QueueLimits Limits { get; } = QueueLimits.From(Nothing, PolicyDefinition.Empty);

    public override QueueCounts Counts => default;

    public override bool IsAbandoned => false;

    public override bool IsCongested => false;

    public override bool IsPaused => false;

    public override string? ExclusiveConsumerTag => null;

    public override string? SingleActiveConsumerTag => null;

    public override bool WouldReject(long messages, long bytes) => false;

    public override PublishOutcome Publish(Message message, ulong lsn, FlushSet flush) => throw None();

    public override void CheckSubscribe(QueueConsumer consumer) => throw None();

    public override void Subscribe(QueueConsumer consumer, FlushSet flush) => throw None();

    public override bool Unsubscribe(QueueConsumer consumer, FlushSet flush) => throw None();

    public override void Resume(QueueConsumer consumer, FlushSet flush) => throw None();

    public override bool IsActive(QueueConsumer consumer) => false;

    public override bool TryGet(bool noAck, FlushSet flush, out TakenMessage taken) => throw None();

    public override void Settle(ReadOnlySpan<long> positions, Settlement settlement, FlushSet flush) => throw None();

    public override bool TryRead(long position, out Payload payload) => throw None();

    public override ulong FindLsn(long position) => 0;

    public override QueueBrowser Browse() => throw None();

    public override long Purge(out CommitTicket ticket) => throw None();

    internal override void TurnAway(Message message, FlushSet flush) => throw None();

    internal override void Apply(AppliedPolicies policies) => throw None();

    internal override void Enforce(FlushSet flush) => throw None();

    internal override void Use() => throw None();

    internal override void Pause(bool paused) => throw None();

    internal override bool TrySetAside(long position) => throw None();

    internal override QueueConsumer[]? MarkDeleted(
        QueueDeletion deletion, Func<MessageQueue, StoreResult> store, out CommitTicket ticket, out long readyCount) => throw None();

    internal override void Recover(ulong lsn, int length, in MessageTags tags, uint annotation) => throw None();

    internal override bool Forget(ulong lsn) => throw None();

    internal override void StartTimers(ulong deliveredThroughLsn) => throw None();

    private NotSupportedException None() => new($"'{Name}' is only the name of a queue");
}
