using Microsoft.Extensions.Logging;
using Warren.Core.Queues;
using Warren.Storage;
using Warren.Storage.Directories;

namespace Warren.Core.Persistence;

/// <summary>The start of a broker over its log: read everything, begin, let it run; each of the three once, in this order.</summary>
/// <remarks>One thread, while the broker starts.</remarks>
internal sealed class LogRecovery : IDisposable
{
    private readonly Broker _broker;
    private readonly ILogger _logger;
    private readonly RecordApplier _applier;
    private RecoveredLog? _recovered;
    private ShardLog? _log;

    public LogRecovery(Broker broker, ILogger logger)
    {
        _broker = broker;
        _logger = logger;
        _applier = new RecordApplier(broker, logger);
    }

    /// <summary>Keeps what was read; who follows a log goes on feeding it.</summary>
    public RecordApplier Applier => _applier;

    /// <summary>Reads the log into queues, bindings, sessions and messages. Nothing begins, nothing is given back.</summary>
    /// <exception cref="StorageException">The log cannot be read; nothing was changed.</exception>
    public void Read(IBlockDisk disk, DataDirectory directory)
    {
        ShardLogOptions options = _broker.Options.Log with
        {
            ClusterUuid = directory.ClusterUuid,
            NodeId = directory.NodeId,
            IsExpected = directory.IsComplete,
            AcceptLoss = directory.Format.Accepted.HasFlag(AcceptedLoss.Log),
        };
        _recovered = ShardLog.Read(disk, directory.ShardPath(1), options, _broker.Time, _applier);
        string how = _recovered.LastLsn == 0 ? "empty log" : _recovered.IsClean ? "after a clean stop" : "after a crash";
        _logger.Recovered(_applier.QueueCount, _applier.MessageCount, how);
        foreach (DamageReport damage in _recovered.Damage)
        {
            Report(damage);
        }

        _applier.Orphans.Judge(_broker.Metadata, _recovered.Damage);
    }

    /// <summary>The log takes records from now on.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public ShardLog Begin()
    {
        _applier.Orphans.Remember(_broker.Metadata);
        _log = _recovered!.Begin();
        return _log;
    }

    /// <summary>What was read begins to live: sessions find their queues, clocks start.</summary>
    public void Complete()
    {
        bool isClean = _log!.RecoveredCleanly;
        _applier.Complete(isCertain: isClean);
        _applier.Orphans.GiveBack(_log);
        _broker.Pauses.Restore(_applier.Queues, mayForget: _applier.Orphans.IsEverythingKnown);
        foreach (MessageQueue queue in _applier.Queues.Values)
        {
            queue.StartTimers(_log.UncertainThroughLsn);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _recovered?.Dispose();

    private void Report(DamageReport damage)
    {
        if (damage.Kind is DamageKind.TornTail or DamageKind.Repaired)
        {
            _logger.Mended(damage.Text, damage.File, damage.Offset);
        }
        else
        {
            _logger.Damaged(damage.Text, damage.File, damage.Offset, damage.FirstLsn, damage.LastLsn);
        }
    }
}
