using Microsoft.Extensions.Logging;
using Warren.Core.Queues;
using Warren.Storage;

namespace Warren.Core.Persistence;

/// <summary>
/// Keeps queues, bindings, sessions and messages as the records of the log say, one record after the other: after each the
/// state is that of the log so far. A start feeds it the live records; who follows a log feeds it everything.
/// </summary>
/// <remarks>
/// One thread, in the order of the LSNs, over a broker that is not active: nothing is delivered, forwarded, due or given
/// back. A record that cannot be read costs itself and nothing else.
/// </remarks>
internal sealed class RecordApplier : IRecoveryVisitor
{
    private readonly Broker _broker;
    private readonly ILogger _logger;
    private readonly Dictionary<ulong, MessageQueue> _queues = [];
    private readonly SessionApplier _sessions;

    public RecordApplier(Broker broker, ILogger logger)
    {
        _broker = broker;
        _logger = logger;
        Orphans = new OrphanedRecords(logger);
        _sessions = new SessionApplier(broker, Orphans);
    }

    /// <summary>Messages there are, one for each queue that holds it.</summary>
    public long MessageCount { get; private set; }

    /// <summary>Queues there are.</summary>
    public int QueueCount => _queues.Count;

    /// <summary>Queues by their ids.</summary>
    public IReadOnlyDictionary<ulong, MessageQueue> Queues => _queues;

    /// <summary>Records of owners that are not known.</summary>
    public OrphanedRecords Orphans { get; }

    /// <inheritdoc/>
    public void OnRecord(in RecoveredRecord record)
    {
        if (record.Type is RecordType.Publish or RecordType.Move)
        {
            OnMessage(record);
            return;
        }

        byte[] payload = [];
        try
        {
            payload = Read(record);
            OnDefinition(record, payload);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or ArgumentException or FormatException)
        {
            Orphans.AddUnread(record.Owners[0] == record.Lsn ? record.Lsn : 0);
            _logger.DefinitionUnreadable(record.Lsn, record.Type, NameOf(record), error.Message);
        }
    }

    /// <summary>One reference was given back.</summary>
    public void OnReleased(ulong owner, ulong lsn)
    {
        if (_queues.TryGetValue(owner, out MessageQueue? queue))
        {
            if (lsn == owner)
            {
                OnOwnerDeleted(owner);
            }
            else if (queue.Forget(lsn))
            {
                MessageCount--;
            }
            else
            {
                DefinitionsOf(queue)?.ForgetBinding(queue, lsn);
            }
        }
        else if (!_sessions.OnReleased(owner, lsn))
        {
            Orphans.Remove(owner, lsn);
        }
    }

    /// <summary>An owner is gone with everything it held.</summary>
    public void OnOwnerDeleted(ulong owner)
    {
        Orphans.Remove(owner);
        if (_queues.Remove(owner, out MessageQueue? queue))
        {
            MessageCount -= queue.Counts.Ready;
            _sessions.OnQueueDeleted(queue);
            DefinitionsOf(queue)?.ForgetQueue(queue);
        }
        else
        {
            _sessions.OnOwnerDeleted(owner);
        }
    }

    /// <summary>There is no more, and the broker is going to be active.</summary>
    /// <param name="isCertain">False after a crash: nobody knows since when clients are away.</param>
    public void Complete(bool isCertain)
    {
        foreach (VirtualHost virtualHost in _broker.VirtualHosts)
        {
            virtualHost.Sessions.CompleteRecovery(isCertain);
        }
    }

    private void OnDefinition(in RecoveredRecord record, byte[] payload)
    {
        switch (record.Type)
        {
            case RecordType.QueueDeclare:
                StoredQueue stored = DefinitionCodec.ReadQueue(payload);
                MessageQueue queue = HostOf(stored.VirtualHost).Definitions.RestoreQueue(stored, record.Lsn);
                _queues[record.Lsn] = queue;
                _sessions.OnQueue(queue);
                break;
            case RecordType.Bind:
                OnBinding(record, DefinitionCodec.ReadBinding(payload));
                break;
            default:
                _sessions.OnRecord(record, payload);
                break;
        }
    }

    private void OnBinding(in RecoveredRecord record, StoredBinding binding)
    {
        if (_queues.TryGetValue(record.Owners[0], out MessageQueue? queue))
        {
            DefinitionsOf(queue)?.RestoreBinding(binding, queue, record.Lsn);
        }
        else
        {
            Orphans.Add(record.Owners[0], record.Lsn);
        }
    }

    private void OnMessage(in RecoveredRecord record)
    {
        MessageTags tags = MessageTags.Unpack(record.TagA, record.TagB);
        for (int i = 0; i < record.Owners.Length; i++)
        {
            if (_queues.TryGetValue(record.Owners[i], out MessageQueue? queue))
            {
                MessageCount++;
                queue.Recover(record.Lsn, record.PayloadLength, tags, record.Annotations[i]);
            }
            else
            {
                Orphans.Add(record.Owners[i], record.Lsn);
            }
        }
    }

    // What the record is of, as far as other records tell.
    private string NameOf(in RecoveredRecord record) =>
        record.Owners[0] != record.Lsn && _queues.TryGetValue(record.Owners[0], out MessageQueue? queue)
            ? $" of {queue}"
            : "";

    private static byte[] Read(in RecoveredRecord record)
    {
        byte[] bytes = new byte[record.PayloadLength];
        return record.TryReadPayload(bytes) ? bytes : throw new InvalidDataException("its bytes on the disk are wrong");
    }

    private VirtualHost HostOf(string name) => _broker.FindVirtualHost(name) ?? _broker.AddVirtualHost(name);

    private VirtualHosts.VirtualHostDefinitions? DefinitionsOf(MessageQueue queue) =>
        _broker.FindVirtualHost(queue.VirtualHostName)?.Definitions;
}
