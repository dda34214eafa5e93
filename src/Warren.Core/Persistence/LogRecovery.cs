using Warren.Core.Queues;
using Warren.Core.Sessions;
using Warren.Storage;

namespace Warren.Core.Persistence;

/// <summary>Rebuilds queues, bindings and messages from the live records of the log.</summary>
/// <remarks>One thread, while the broker starts. Records come in the order of their LSNs: a queue before what it holds.</remarks>
internal sealed class LogRecovery : IRecoveryVisitor
{
    private readonly Broker _broker;
    private readonly Dictionary<ulong, MessageQueue> _queues = [];
    private readonly List<(ulong Owner, ulong Lsn)> _orphans = [];
    private readonly List<(ulong Owner, ulong Lsn, StoredBinding Binding)> _bindings = [];

    private readonly HashSet<RetainedSource> _sources = []; // most have published more than one retained message
    private readonly Dictionary<ulong, ClientSession> _sessions = [];
    private readonly List<(ulong Owner, ulong Lsn, byte[] Bytes)> _subscriptions = [];

    public LogRecovery(Broker broker) => _broker = broker;

    /// <summary>Messages recovered, one for each queue that holds it.</summary>
    public long MessageCount { get; private set; }

    public int QueueCount => _queues.Count;

    public void OnRecord(in RecoveredRecord record)
    {
        switch (record.Type)
        {
            case RecordType.QueueDeclare:
                OnQueue(record);
                break;
            case RecordType.Bind:
                byte[] bytes = Read(record);
                _bindings.Add((record.Owners[0], record.Lsn, DefinitionCodec.ReadBinding(bytes)));
                break;
            case RecordType.Session:
                OnSession(record);
                break;
            case RecordType.SessionState:
            case RecordType.Received:
            case RecordType.Will:
                OnSessionState(record);
                break;
            case RecordType.Subscription:
                _subscriptions.Add((record.Owners[0], record.Lsn, Read(record)));
                break;
            case RecordType.Retained:
                OnRetained(record);
                break;
            case RecordType.Publish:
            case RecordType.Move:
                OnMessage(record);
                break;
            default:
                break;
        }
    }

    /// <summary>Finishes once the log is open: <paramref name="redelivered"/> marks everything as possibly delivered before.</summary>
    public void Complete(ShardLog log, bool redelivered)
    {
        foreach ((ulong owner, ulong lsn, StoredBinding binding) in _bindings)
        {
            if (_queues.TryGetValue(owner, out MessageQueue? queue))
            {
                _broker.FindVirtualHost(binding.VirtualHost)?.Definitions.RestoreBinding(binding, queue, lsn);
            }
        }

        CompleteSessions(isCertain: !redelivered);

        // What a crash left behind of queues that were being deleted.
        foreach ((ulong owner, ulong lsn) in _orphans)
        {
            log.Release(owner, lsn);
        }

        _broker.Pauses.Restore(_queues);
        foreach (MessageQueue queue in _queues.Values)
        {
            queue.StartTimers(redelivered);
        }
    }

    // After the queues, and before anything is delivered.
    private void CompleteSessions(bool isCertain)
    {
        foreach ((ulong owner, ulong lsn, byte[] bytes) in _subscriptions)
        {
            if (_sessions.TryGetValue(owner, out ClientSession? session))
            {
                (SessionSubscription subscription, string queueName) = SessionCodec.ReadSubscription(bytes);
                session.Restore(subscription, queueName, lsn);
            }
        }

        foreach (VirtualHost virtualHost in _broker.VirtualHosts)
        {
            virtualHost.Sessions.CompleteRecovery(isCertain);
        }
    }

    private void OnSession(in RecoveredRecord record)
    {
        StoredSession stored = SessionCodec.ReadSession(Read(record));
        VirtualHost virtualHost = _broker.FindVirtualHost(stored.VirtualHost) ?? _broker.AddVirtualHost(stored.VirtualHost);
        _sessions[record.Lsn] = virtualHost.Sessions.Restore(stored, record.Lsn);
    }

    private void OnSessionState(in RecoveredRecord record)
    {
        if (!_sessions.TryGetValue(record.Owners[0], out ClientSession? session))
        {
            _orphans.Add((record.Owners[0], record.Lsn));
        }
        else if (record.Type == RecordType.Received)
        {
            session.Received[(ushort)record.TagA] = record.Lsn;
        }
        else if (record.Type == RecordType.Will)
        {
            session.Will = SessionCodec.ReadWill(Read(record));
            session.WillLsn = record.Lsn;
        }
        else
        {
            session.StateLsn = record.Lsn;
            session.AwaySinceMs = (long)record.TagA;
            session.ExpirySeconds = (uint)record.TagB;
        }
    }

    private void OnRetained(in RecoveredRecord record)
    {
        (string name, RetainedEntry entry) = RetainedEntry.Read(Read(record), record.TagB, record.Lsn, _broker.Clock.UptimeAt((long)record.TagA));
        if (entry.Source is { } source)
        {
            entry = entry with { Source = _sources.TryGetValue(source, out RetainedSource? same) ? same : source };
            _sources.Add(entry.Source);
        }

        VirtualHost virtualHost = _broker.FindVirtualHost(name) ?? _broker.AddVirtualHost(name);
        virtualHost.Retained.Restore(entry);
    }

    private static byte[] Read(in RecoveredRecord record)
    {
        byte[] bytes = new byte[record.PayloadLength];
        return record.TryReadPayload(bytes)
            ? bytes
            : throw new InvalidDataException($"the definition at LSN {record.Lsn} is damaged");
    }

    private void OnQueue(in RecoveredRecord record)
    {
        StoredQueue stored = DefinitionCodec.ReadQueue(Read(record));
        VirtualHost vhost = _broker.FindVirtualHost(stored.VirtualHost) ?? _broker.AddVirtualHost(stored.VirtualHost);
        _queues[record.Lsn] = vhost.Definitions.RestoreQueue(stored, record.Lsn);
    }

    private void OnMessage(in RecoveredRecord record)
    {
        MessageTags tags = MessageTags.Unpack(record.TagA, record.TagB);
        for (int i = 0; i < record.Owners.Length; i++)
        {
            if (!_queues.TryGetValue(record.Owners[i], out MessageQueue? queue))
            {
                _orphans.Add((record.Owners[i], record.Lsn));
                continue;
            }

            MessageCount++;
            queue.Recover(record.Lsn, record.PayloadLength, tags, record.Annotations[i]);
        }
    }
}
